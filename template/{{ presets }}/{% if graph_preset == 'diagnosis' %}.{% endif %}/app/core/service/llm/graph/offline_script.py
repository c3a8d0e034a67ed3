"""What the offline model says: it takes every way through the graph, without a language model."""

import re
from collections.abc import Sequence
from typing import Any

from langchain_core.messages import BaseMessage, HumanMessage

from app.core.service.llm.graph import offline_texts as texts
from app.core.service.llm.graph.prompts import CASE, LOOKUP_FAILED, NOTHING_FOUND
from app.core.service.llm.offline_chat_service import OfflineScript

_FINDINGS_HEADING = CASE.partition("{tried}\n")[2].partition("{")[0]
_MOST = 10


def decide_case(messages: Sequence[BaseMessage]) -> dict[str, Any]:
    """Return the arguments of CaseDecision: the last word on each subject counts."""
    said = "\n".join(message.text for message in messages if isinstance(message, HumanMessage))
    known: dict[str, Any] = {
        "device": next(reversed(_found(texts.DEVICE, said)), None),
        "problem": next(reversed(_found(texts.PROBLEM, said)), None),
        "symptoms": _found(texts.SYMPTOM, said)[-_MOST:],
        "tried": _found(texts.TRIED, said)[-_MOST:],
    }
    missing = [question for name, question in texts.QUESTIONS.items() if not known[name]]
    return {
        **known,
        "is_complete": not missing,
        "confidence": 0.9,
        "next_question": missing[0] if missing else "",
    }


def reply(messages: Sequence[BaseMessage]) -> str:
    """Return the report from what was found."""
    case, _, findings = messages[-1].text.partition(_FINDINGS_HEADING)
    known = "\n".join(f"- {line}" for line in case.strip().splitlines()[1:])
    return f"{texts.KNOWN}\n\n{known}\n\n{_told(findings.strip())}"


def _told(findings: str) -> str:
    if findings == LOOKUP_FAILED:
        return texts.FAILED
    if findings == NOTHING_FOUND:
        return texts.NOTHING
    return f"{texts.CAUSES}\n\n{findings}"


def _found(pattern: str, text: str) -> list[str]:
    return [match.group() for match in re.finditer(pattern, text, re.IGNORECASE)]


OFFLINE_SCRIPT = OfflineScript(reply, {"CaseDecision": decide_case})
