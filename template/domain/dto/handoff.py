"""A chat in the hands of a person: what the graph asks for, and the ticket that operators see."""

from dataclasses import dataclass
from typing import Literal

OperatorActionName = Literal["opened", "wrote", "released", "reviewed", "rated", "collected"]
HandoffReason = Literal["asked_for_human", "complaint"]


@dataclass(frozen=True, slots=True)
class HandoffRequest:
    """That a person is to go on with the chat: the ticket's number, why, and what it is about."""

    ticket_id: str
    reason: HandoffReason
    summary: str


@dataclass(frozen=True, slots=True)
class TicketReference:
    """Which ticket a chat is handed over with."""

    ticket_id: str
    opened_at: str


@dataclass(frozen=True, slots=True)
class Ticket:
    """An open ticket; `waiting_since` is when the user began to wait, None after an answer."""

    ticket_id: str
    chat_id: str
    user_id: str
    channel: str
    reason: HandoffReason
    summary: str
    opened_at: str
    waiting_since: str | None

    @property
    def reference(self) -> TicketReference:
        return TicketReference(self.ticket_id, self.opened_at)


@dataclass(frozen=True, slots=True)
class OperatorAction:
    """What an operator did, for the audit; with a ticket, if it was the chat of one."""

    operator: str
    action: OperatorActionName
    chat_id: str
    ticket_id: str
    at: str
