"""What the offline model says: it takes every way through the graph, without a language model."""

import re
from collections.abc import Sequence
from typing import Any

from langchain_core.messages import BaseMessage, HumanMessage

from app.core.service.llm.graph import offline_texts as texts
from app.core.service.llm.graph.prompts import (
    FACTS,
    LOOKUP_FAILED,
    NOTHING_FOUND,
    NUMBER_MISSING,
    ORDER_NOT_FOUND,
)
from app.core.service.llm.offline_chat_service import OfflineScript

_FACTS_HEADING = FACTS.partition("{")[0]
_NOT_FOUND_BEGINNING = ORDER_NOT_FOUND.partition("{")[0]
_NUMBER = re.compile(r"\b\d{4,}\b")


def decide_support(messages: Sequence[BaseMessage]) -> dict[str, Any]:
    """Return the arguments of SupportDecision for the last message; the last number counts."""
    said = " ".join(messages[-1].text.split())
    numbers = _NUMBER.findall(said)
    intent = "order" if numbers else "unknown"
    for name, words in texts.WORDS.items():
        if re.search(words, said, re.IGNORECASE):
            intent = name
            break
    return {
        "intent": intent,
        "order_number": (numbers or _numbers_before(messages) or [None])[-1],
        "topic": said[:200],
        # Too short to tell: the graph then asks back.
        "confidence": 0.3 if len(said) < 4 else 0.9,
    }


def reply(messages: Sequence[BaseMessage]) -> str:
    """Return the answer to the last question, with the facts that were looked up."""
    last = messages[-1].text
    if last == LOOKUP_FAILED:
        return texts.FAILED
    if last == NUMBER_MISSING:
        return texts.WHICH_ORDER
    if last.startswith(_NOT_FOUND_BEGINNING):
        return texts.NO_SUCH_ORDER.format(number=(_NUMBER.findall(last) or ["?"])[0])
    if not last.startswith(_FACTS_HEADING):
        return texts.GREETING
    facts = last.removeprefix(_FACTS_HEADING).strip()
    return texts.NOTHING if facts == NOTHING_FOUND else texts.FOUND.format(facts=facts)


def _numbers_before(messages: Sequence[BaseMessage]) -> list[str]:
    earlier = (message.text for message in messages if isinstance(message, HumanMessage))
    return _NUMBER.findall("\n".join(earlier))


OFFLINE_SCRIPT = OfflineScript(reply, {"SupportDecision": decide_support})
