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
    r"caf[eé]|gr[aã]o|moedor|prensa|filtro|assinatura|presente|compr|quero|preciso|escrit[oó]rio",
    re.IGNORECASE,
)
_YES = re.compile(
    r"\b(?:sim|quero esse|vou levar|gostei|fechado|como compro|onde compro|pode ser)\b",
    re.IGNORECASE,
)
_SAYINGS = {
    PITCH_TASK: "Isto combina com o que você procura:\n\n{offer}\n\nO que acha?",
    OBJECTION_TASK: "Entendo a dúvida. O que posso garantir é isto:\n\n{offer}\n\nFaz sentido para você?",
    CLOSE_TASK: "Ótima escolha! É só comprar pelo endereço abaixo; eu não faço o pedido por você:\n\n{offer}",
    FAREWELL_TASK: "Sem problema, obrigado pela conversa. Se mudar de ideia, a oferta continua aqui:\n\n{offer}",
    NURTURE_TASK: "Olá! Estou no **modo offline**. Como você costuma tomar café? Posso indicar grãos, um moedor ou uma assinatura.",
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
