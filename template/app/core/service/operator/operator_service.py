"""What operators do with the chats that were handed over to them."""

from typing import Literal

import structlog

from app.core.ports.chat_storage import ChatStorage, ListingRequest
from app.core.ports.ticket_storage import TicketStorage
from app.core.service.handoff.handoff_service import HandoffService
from app.core.service.operator import texts
from domain.dto.chat import Message, Page
from domain.dto.handoff import OperatorAction, Ticket
from domain.exceptions.business_exception import BusinessException
from domain.ids import new_id, now_timestamp

logger = structlog.get_logger(__name__)

# More than anybody reads in a chat, and what every channel takes in one message.
MAX_TEXT_CHARACTERS = 4096


class OperatorService:
    """Lists, reads, answers and releases; what is done is recorded with the operator's name.

    Whatever concerns a chat raises BusinessException `ticket_not_found` if no ticket is open there:
    other chats are none of an operator's business.
    """

    def __init__(
        self, tickets: TicketStorage, chats: ChatStorage, handoffs: HandoffService
    ) -> None:
        self._tickets = tickets
        self._chats = chats
        self._handoffs = handoffs

    async def list_open(self, listing: ListingRequest) -> Page[Ticket]:
        """Return open tickets, the oldest first."""
        return await self._tickets.list_open(listing)

    async def open(self, operator: str, chat_id: str) -> Ticket:
        """Return the ticket of a chat that the operator begins to read."""
        ticket = await self._ticket_of(chat_id)
        await self._record(operator, "opened", ticket)
        return ticket

    async def list_messages(self, chat_id: str, listing: ListingRequest) -> Page[Message]:
        """Return the messages of the chat, by time."""
        ticket = await self._ticket_of(chat_id)
        page = await self._chats.list_messages(ticket.user_id, chat_id, listing)
        if page is None:
            raise BusinessException("ticket_not_found", texts.TICKET_NOT_FOUND)
        return page

    async def write(self, operator: str, chat_id: str, text: str) -> Message:
        """Write to the user; returns the message as it was stored.

        Raises:
            BusinessException: `invalid_text`, or no ticket is open.
        """
        content = text.strip()
        if not 0 < len(content) <= MAX_TEXT_CHARACTERS:
            message = texts.INVALID_TEXT.format(limit=MAX_TEXT_CHARACTERS)
            raise BusinessException("invalid_text", message)
        ticket = await self._ticket_of(chat_id)
        await self._record(operator, "wrote", ticket)
        message_to_user = Message(
            message_id=new_id("msg"),
            chat_id=chat_id,
            user_id=ticket.user_id,
            role="operator",
            content=content,
            created_at=now_timestamp(),
        )
        return await self._deliver(ticket, message_to_user)

    async def release(self, operator: str, chat_id: str) -> None:
        """Give the chat back to the bot."""
        ticket = await self._ticket_of(chat_id)
        await self._record(operator, "released", ticket)
        await self._tickets.close(ticket, operator, now_timestamp())
        self._handoffs.released(ticket)

    async def _deliver(self, ticket: Ticket, message: Message) -> Message:
        """Store the message, which shows it to whoever has the chat open."""
        await self._chats.save_operator_message(message)
        await self._tickets.operator_answered(ticket)
        return message

    async def _ticket_of(self, chat_id: str) -> Ticket:
        ticket = await self._tickets.find_open(chat_id)
        if ticket is None:
            raise BusinessException("ticket_not_found", texts.TICKET_NOT_FOUND)
        return ticket

    async def _record(
        self, operator: str, action: Literal["opened", "wrote", "released"], ticket: Ticket
    ) -> None:
        await self._tickets.record(
            OperatorAction(operator, action, ticket.chat_id, ticket.ticket_id, now_timestamp())
        )
        # Who it was is in the record alone: the name of a person is no part of a log.
        logger.info(
            "operator_action", action=action, chat_id=ticket.chat_id, ticket_id=ticket.ticket_id
        )
