"""The JSON of the operators' routes."""

from pydantic import BaseModel, ConfigDict

from domain.dto.chat import Message
from domain.dto.handoff import Ticket


class OperatorBody(BaseModel):
    operator: str


class TicketBody(BaseModel):
    ticket_id: str
    chat_id: str
    user_id: str
    channel: str
    reason: str
    summary: str
    opened_at: str
    waiting_since: str | None

    @classmethod
    def of(cls, ticket: Ticket) -> "TicketBody":
        return cls(
            ticket_id=ticket.ticket_id,
            chat_id=ticket.chat_id,
            user_id=ticket.user_id,
            channel=ticket.channel,
            reason=ticket.reason,
            summary=ticket.summary,
            opened_at=ticket.opened_at,
            waiting_since=ticket.waiting_since,
        )


class TicketsBody(BaseModel):
    items: list[TicketBody]
    next_cursor: str | None


class MessageToReadBody(BaseModel):
    """A message; `delivery` is how far it came, where its channel tells."""

    message_id: str
    role: str
    content: str
    created_at: str
    delivery: str | None

    @classmethod
    def of(cls, message: Message) -> "MessageToReadBody":
        return cls(
            message_id=message.message_id,
            role=message.role,
            content=message.content,
            created_at=message.created_at,
            delivery=message.delivery,
        )


class MessagesBody(BaseModel):
    items: list[MessageToReadBody]
    next_cursor: str | None


class TextBody(BaseModel):
    """What the operator writes to the user."""

    model_config = ConfigDict(strict=True)

    text: str
