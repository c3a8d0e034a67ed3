"""What the offline model says: it takes every way through the graph, without a language model."""

import re
from collections.abc import Sequence
from typing import Any

from langchain_core.messages import BaseMessage

from app.core.service.llm.graph import offline_texts as texts
from app.core.service.llm.graph.prompts import (
    CLOSE_TASK,
    FAREWELL_TASK,
    OBJECTION_TASK,
    PITCH_TASK,
)
from app.core.service.llm.offline_chat_service import OfflineScript

_NEED = re.compile(texts.NEED, re.IGNORECASE)
_YES = re.compile(texts.YES, re.IGNORECASE)
_SAYINGS = {
    PITCH_TASK: texts.PITCH,
    OBJECTION_TASK: texts.OBJECTION,
    CLOSE_TASK: texts.CLOSE,
    FAREWELL_TASK: texts.FAREWELL,
}


def decide_lead(messages: Sequence[BaseMessage]) -> dict[str, Any]:
    """Return the arguments of LeadDecision for the last message."""
    said = _last(messages)
    return {"is_qualified": bool(_NEED.search(said)), "need": said, "confidence": 0.9}


def decide_reaction(messages: Sequence[BaseMessage]) -> dict[str, Any]:
    """Return the arguments of ReactionDecision for the last message."""
    said = _last(messages)
    if _YES.search(said):
        return {"reaction": "interested", "need": None, "confidence": 0.9}
    wish = said if _NEED.search(said) else None
    return {"reaction": "has_objection", "need": wish, "confidence": 0.9}


def reply(messages: Sequence[BaseMessage]) -> str:
    """Return what the task at the end asks for, with its products."""
    task = messages[-1].text
    for template, saying in _SAYINGS.items():
        heading = template.partition("{offer}")[0]
        if task.startswith(heading):
            return saying.format(offer=task.removeprefix(heading).strip())
    return texts.NURTURE


def _last(messages: Sequence[BaseMessage]) -> str:
    return " ".join(messages[-1].text.split())[:200]


OFFLINE_SCRIPT = OfflineScript(
    reply, {"LeadDecision": decide_lead, "ReactionDecision": decide_reaction}
)
