"""What the offline model says: it takes every way through the graph, without a language model."""

import re
from collections.abc import Sequence
from typing import Any

from langchain_core.messages import BaseMessage

from app.core.service.llm.graph import offline_texts as texts
from app.core.service.llm.graph.prompts import FACTS, LOOKUP_FAILED, NOTHING_FOUND
from app.core.service.llm.offline_chat_service import OfflineScript

_FACTS_HEADING = FACTS.partition("{")[0]


def decide_intent(messages: Sequence[BaseMessage]) -> dict[str, Any]:
    """Return the arguments of IntentDecision for the last question."""
    question = " ".join(messages[-1].text.split())
    for intent, words in texts.WORDS.items():
        if re.search(words, question, re.IGNORECASE):
            return {"intent": intent, "topic": question[:200], "confidence": 0.9}
    # Too short to tell: the graph then answers without a guess.
    confidence = 0.3 if len(question) < 4 else 0.8
    return {"intent": "other", "topic": question[:200], "confidence": confidence}


def reply(messages: Sequence[BaseMessage]) -> str:
    """Return the answer to the last question, with the facts that were looked up."""
    last = messages[-1].text
    if last == LOOKUP_FAILED:
        return texts.FAILED
    if not last.startswith(_FACTS_HEADING):
        return texts.GREETING
    facts = last.removeprefix(_FACTS_HEADING).strip()
    return texts.NOTHING if facts == NOTHING_FOUND else texts.FOUND.format(facts=facts)


OFFLINE_SCRIPT = OfflineScript(reply, {"IntentDecision": decide_intent})
