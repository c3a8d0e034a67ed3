"""What the offline model says: it takes every way through the graph, without a language model."""

import re
from collections.abc import Sequence
from typing import Any

from langchain_core.messages import BaseMessage

from app.core.service.llm.graph.prompts import (
    CLOSE_TASK,
    FAREWELL_TASK,
    NURTURE_TASK,
    OBJECTION_TASK,
    PITCH_TASK,
)
from app.core.service.llm.offline_chat_service import OfflineScript

_NEED = re.compile(
    r"coffee|bean|grinder|french press|filter|subscription|gift|\bbuy|\bwant|\bneed|office",
    re.IGNORECASE,
)
_YES = re.compile(
    r"\b(?:yes|i(?:'|’)ll take|i like it|deal|how do i buy|where can i buy|sounds good)\b",
    re.IGNORECASE,
)
_SAYINGS = {
    PITCH_TASK: "This suits what you are looking for:\n\n{offer}\n\nWhat do you think?",
    OBJECTION_TASK: "I see your point. This is what I can promise:\n\n{offer}\n\nDoes that help?",
    CLOSE_TASK: "A good choice! You can buy it at the address below; I do not place the order for you:\n\n{offer}",
    FAREWELL_TASK: "No problem, and thank you for the conversation. Should you change your mind, the offer stays here:\n\n{offer}",
    NURTURE_TASK: "Hello! I am in **offline mode**. How do you drink your coffee? I can suggest beans, a grinder or a subscription.",
}


def decide_lead(messages: Sequence[BaseMessage]) -> dict[str, Any]:
    """Return the arguments of LeadDecision for the last message."""
    said = " ".join(messages[-1].text.split())
    return {"is_qualified": bool(_NEED.search(said)), "need": said[:200], "confidence": 0.9}


def decide_reaction(messages: Sequence[BaseMessage]) -> dict[str, Any]:
    """Return the arguments of ReactionDecision for the last message."""
    said = " ".join(messages[-1].text.split())
    is_interested = _YES.search(said) is not None
    wish = said[:200] if _NEED.search(said) and not is_interested else None
    reaction = "interested" if is_interested else "has_objection"
    return {"reaction": reaction, "need": wish, "confidence": 0.9}


def reply(messages: Sequence[BaseMessage]) -> str:
    """Return what the task at the end asks for, with its products."""
    task = messages[-1].text
    for template, saying in _SAYINGS.items():
        heading, field, _ = template.partition("{offer}")
        if task.startswith(heading):
            return saying.format(offer=task.removeprefix(heading).strip()) if field else saying
    return _SAYINGS[NURTURE_TASK]


OFFLINE_SCRIPT = OfflineScript(
    reply, {"LeadDecision": decide_lead, "ReactionDecision": decide_reaction}
)
