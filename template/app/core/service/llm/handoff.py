"""How a graph asks for a person: from any node, without a node or an edge of its own."""

import secrets

from langchain_core.messages import AIMessage
from pydantic import BaseModel, Field

from app.core.service.handoff.handoff_service import handed_over_sentence
from domain.dto.handoff import HandoffReason, HandoffRequest
from domain.ids import now_timestamp
from domain.text import cut

_SUMMARY_GRAPHEMES = 300
# To be read out on the telephone: no letter that looks or sounds like a digit.
_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # pragma: allowlist secret
_TICKET_LETTERS = 6


class RequestHuman(BaseModel):
    """Hand the conversation over to a person, when the user asks for one, in whatever words."""

    summary: str = Field(description="What the user needs, in one or two sentences for that person")


def request_human(summary: str | None, reason: HandoffReason = "asked_for_human") -> HandoffRequest:
    """Return the request that a node puts into the state's `handoff`."""
    letters = "".join(secrets.choice(_LETTERS) for _ in range(_TICKET_LETTERS))
    date = now_timestamp()[:10].replace("-", "")
    text = cut(" ".join((summary or "").split()), _SUMMARY_GRAPHEMES)
    return HandoffRequest(f"{date}-{letters}", reason, text)


def handed_over(request: HandoffRequest, before: str = "") -> AIMessage:
    """Return the answer that tells the user of the hand-over.

    Args:
        before: what the model said in the same answer.
    """
    told = handed_over_sentence(request.reason, request.ticket_id)
    return AIMessage(f"{before.rstrip()}\n\n{told}" if before.strip() else told)
