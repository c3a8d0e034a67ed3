"""What the offline model says: it takes every way through the graph, without a language model."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from langchain_core.messages import BaseMessage, HumanMessage

from app.core.service.llm.graph import offline_texts as texts
from app.core.service.llm.graph.prompts import CASE, LOOKUP_FAILED, NOTHING_FOUND
from app.core.service.llm.offline_chat_service import OfflineScript

_FINDINGS_HEADING = CASE.partition("{tried}\n")[2].partition("{")[0]
_MOST = 10


@dataclass
class _Case:
    """What was said of one problem, and whether all of it is in a report already."""

    device: str | None = None
    problem: str | None = None
    symptoms: list[str] = field(default_factory=list)
    tried: list[str] = field(default_factory=list)
    is_reported: bool = False

    def hear(self, said: str) -> None:
        """Take a message in: the last word on each subject counts."""
        devices = _found(texts.DEVICE, re.sub(texts.ASIDE, "", said, flags=re.IGNORECASE))
        problems = _found(texts.PROBLEM, said)
        symptoms = _found(texts.SYMPTOM, said)
        self.device = next(reversed(devices), self.device)
        self.problem = next(reversed(problems), self.problem)
        self.symptoms += symptoms
        self.tried += _found(texts.TRIED, said)
        if devices or problems or symptoms:
            self.is_reported = False


def decide_case(messages: Sequence[BaseMessage]) -> dict[str, Any]:
    """Return the arguments of CaseDecision."""
    case = _case_at_hand(messages)
    known: dict[str, Any] = {
        "device": case.device,
        "problem": case.problem,
        "symptoms": case.symptoms[-_MOST:],
        "tried": case.tried[-_MOST:],
    }
    if case.is_reported:
        questions = [texts.AFTER_REPORT]
    else:
        questions = [question for name, question in texts.QUESTIONS.items() if not known[name]]
    return {
        **known,
        "is_complete": not questions,
        "confidence": 0.9,
        "next_question": questions[0] if questions else "",
    }


def _case_at_hand(messages: Sequence[BaseMessage]) -> _Case:
    """Return the case that the last message belongs to: another problem after a report is another."""
    case = _Case()
    for message in messages:
        if not isinstance(message, HumanMessage):
            case.is_reported = case.is_reported or message.text.startswith(texts.KNOWN)
            continue
        problems = _found(texts.PROBLEM, message.text)
        if case.is_reported and problems and case.problem not in problems:
            case = _Case()
        case.hear(message.text)
    return case


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
    return [match.group().strip() for match in re.finditer(pattern, text, re.IGNORECASE)]


OFFLINE_SCRIPT = OfflineScript(reply, {"CaseDecision": decide_case})
