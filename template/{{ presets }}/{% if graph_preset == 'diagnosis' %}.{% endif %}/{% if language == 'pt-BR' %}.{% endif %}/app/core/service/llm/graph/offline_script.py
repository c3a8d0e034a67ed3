"""What the offline model says: it takes every way through the graph, without a language model."""

import re
from collections.abc import Sequence
from typing import Any

from langchain_core.messages import BaseMessage, HumanMessage

from app.core.service.llm.graph.prompts import CASE, LOOKUP_FAILED, NOTHING_FOUND
from app.core.service.llm.offline_chat_service import OfflineScript

_DEVICE = re.compile(r"celular|notebook|computador|roteador|tv|tablet|videogame", re.IGNORECASE)
_PROBLEM = re.compile(r"lent|cai|caindo|sem internet|n[aã]o conecta|sem sinal|trava", re.IGNORECASE)
_SYMPTOM = re.compile(
    r"luz[^,.;]*|à noite|longe[^,.;]*|todos os aparelhos|s[oó] (?:no|na|em)[^,.;]*|depois de[^,.;]*|senha[^,.;]*",
    re.IGNORECASE,
)
_TRIED = re.compile(r"reinici\w*[^,.;]*|troquei[^,.;]*|desliguei[^,.;]*", re.IGNORECASE)
_FINDINGS_HEADING = CASE.partition("{tried}\n")[2].partition("{")[0]
_QUESTIONS = {
    "device": "Em qual aparelho isso acontece: celular, notebook, TV, ou em todos?",
    "problem": "O que acontece: a internet está lenta, cai, ou não conecta?",
    "symptoms": "O que mais você notou? Por exemplo, uma luz do roteador, ou a hora em que acontece.",
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
        return f"**O que sei**\n\n{known}\n\nNão consegui consultar as causas agora. Tente de novo em alguns minutos."
    if NOTHING_FOUND in findings:
        return f"**O que sei**\n\n{known}\n\nNenhuma causa conhecida corresponde. Fale com o suporte da sua operadora."
    return f"**O que sei**\n\n{known}\n\n**Causas prováveis**\n\n{findings.strip()}"


def _last(pattern: re.Pattern[str], texts: Sequence[str]) -> str | None:
    found = [match.group() for text in texts for match in pattern.finditer(text)]
    return found[-1] if found else None


OFFLINE_SCRIPT = OfflineScript(reply, {"CaseDecision": decide_case})
