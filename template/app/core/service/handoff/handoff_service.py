"""Handing chats over to people."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import structlog

from app.core.ports.handoff_observer import HandoffObserver
from app.core.ports.ticket_storage import TicketStorage
from app.core.texts import HANDED_OVER
from domain.dto.chat import Message
from domain.dto.handoff import HandoffReason, HandoffRequest, Ticket, TicketReference

logger = structlog.get_logger(__name__)


def handed_over_sentence(reason: HandoffReason, ticket_id: str) -> str:
    """Return what the user is told: always these words, so that it costs and risks no model call."""
    return HANDED_OVER[reason].format(ticket=ticket_id)


class HandoffService:
    """Opens tickets, and notes who waits for an operator."""

    def __init__(self, tickets: TicketStorage, observers: Sequence[HandoffObserver]) -> None:
        self._tickets = tickets
        self._observers = observers

    async def open(self, request: HandoffRequest, question: Message, channel: str) -> None:
        """Hand the chat of the question over; the bot is silent there until it is released.

        Raises:
            StorageUnavailable: the chat may not be handed over.
        """
        ticket = Ticket(
            ticket_id=request.ticket_id,
            chat_id=question.chat_id,
            user_id=question.user_id,
            channel=channel,
            reason=request.reason,
            summary=request.summary,
            opened_at=question.created_at,
            waiting_since=question.created_at,
        )
        await self._tickets.open(ticket)
        logger.info("handed_over", ticket_id=ticket.ticket_id, reason=ticket.reason)
        for observer in self._observers:
            with _guarded():
                observer.handed_over(ticket)

    def released(self, ticket: Ticket) -> None:
        """Tell that an operator gave the chat back."""
        for observer in self._observers:
            with _guarded():
                observer.released(ticket)

    async def told(self, chat_id: str) -> str | None:
        """Return what the user of a chat is told when it was handed over; None if it is not."""
        ticket = await self._tickets.find_open(chat_id)
        if ticket is None:
            return None
        return handed_over_sentence(ticket.reason, ticket.ticket_id)

    async def user_wrote(self, ticket: TicketReference, question: Message) -> None:
        """Note that the user of a chat that was handed over wrote to the operator."""
        await self._tickets.user_waits(question.chat_id, ticket, question.created_at)


@contextmanager
def _guarded() -> Iterator[None]:
    """Go on whatever an observer does: the user still has to learn the ticket's number."""
    try:
        yield
    except Exception:
        logger.exception("handoff_observer_failed")
