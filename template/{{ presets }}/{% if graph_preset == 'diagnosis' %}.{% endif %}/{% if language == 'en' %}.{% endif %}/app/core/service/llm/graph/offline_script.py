"""What the offline model says: it takes every way through the graph, without a language model."""

import re
from collections.abc import Sequence
from typing import Any

from langchain_core.messages import BaseMessage, HumanMessage

from app.core.service.llm.graph.prompts import CASE, LOOKUP_FAILED, NOTHING_FOUND
from app.core.service.llm.offline_chat_service import OfflineScript

_DEVICE = re.compile(r"phone|laptop|computer|router|\btv\b|tablet|console", re.IGNORECASE)
_PROBLEM = re.compile(r"slow|drops|dropping|no internet|not connect|no signal|freez", re.IGNORECASE)
_SYMPTOM = re.compile(
    r"light[^,.;]*|at night|far [^,.;]*|all devices|only (?:on|in)[^,.;]*|since[^,.;]*|password[^,.;]*",
    re.IGNORECASE,
)
_TRIED = re.compile(r"restart\w*[^,.;]*|replaced[^,.;]*|unplugged[^,.;]*", re.IGNORECASE)
_FINDINGS_HEADING = CASE.partition("{tried}\n")[2].partition("{")[0]
_QUESTIONS = {
    "device": "On which device does it happen: phone, laptop, TV, or on all of them?",
    "problem": "What happens: is the internet slow, does it drop, or does it not connect at all?",
    "symptoms": "What else did you notice? For instance a light of the router, or the time of day.",
}


def decide_case(messages: Sequence[BaseMessage]) -> dict[str, Any]:
    """Return the arguments of CaseDecision: the last word on each subject counts."""
    said = [message.text for message in messages if isinstance(message, HumanMessage)]
    known: dict[str, Any] = {
        "device": _last(_DEVICE, said),
        "problem": next((t for t in reversed(said) if _PROBLEM.search(t)), None),
        "symptoms": [found.group() for text in said for found in _SYMPTOM.finditer(text)][-10:],
        "tried": [found.group() for text in said for found in _TRIED.finditer(text)][-10:],
    }
    if known["problem"]:
        known["problem"] = known["problem"][:300]
    missing = [name for name in _QUESTIONS if not known[name]]
    question = _QUESTIONS[missing[0]] if missing else ""
    return {**known, "is_complete": not missing, "confidence": 0.9, "next_question": question}


def reply(messages: Sequence[BaseMessage]) -> str:
    """Return the report from what was found."""
    case, _, findings = messages[-1].text.partition(_FINDINGS_HEADING)
    known = "\n".join(f"- {line}" for line in case.strip().splitlines()[1:])
    if LOOKUP_FAILED in findings:
        return f"**What I know**\n\n{known}\n\nI could not look the causes up just now. Please try again in a few minutes."
    if NOTHING_FOUND in findings:
        return f"**What I know**\n\n{known}\n\nNo known cause fits. Please talk to your provider's support desk."
    return f"**What I know**\n\n{known}\n\n**Probable causes**\n\n{findings.strip()}"


def _last(pattern: re.Pattern[str], texts: Sequence[str]) -> str | None:
    found = [match.group() for text in texts for match in pattern.finditer(text)]
    return found[-1] if found else None


OFFLINE_SCRIPT = OfflineScript(reply, {"CaseDecision": decide_case})
