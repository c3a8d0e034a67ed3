"""Operators' messages to people on WhatsApp."""

from dataclasses import replace

import structlog

from app.core.ports.chat_storage import ChatStorage
from app.core.ports.ticket_storage import TicketStorage
from app.core.ports.whatsapp_inbox import WhatsAppPeople
from app.core.service.handoff.handoff_service import HandoffService
from app.core.service.operator.operator_service import OperatorService
from app.core.service.whatsapp.undelivered import (
    SENT,
    UndeliveredMessages,
    failed_delivery,
)
from app.core.service.whatsapp.user_ids import person_of
from app.core.service.whatsapp.whatsapp_service import WhatsAppService
from app.core.service.whatsapp.whatsapp_turn import CHANNEL
from domain.dto.chat import Message
from domain.dto.handoff import Ticket
from domain.dto.whatsapp_sent import SentMessage
from domain.exceptions.storage import StorageError
from domain.exceptions.whatsapp import GraphError, GraphRefused, GraphUncertain

logger = structlog.get_logger(__name__)

_SENDING = "sending"


class WhatsAppOperatorService(OperatorService):
    """Sends what operators write, and notes how far each message came."""

    def __init__(
        self,
        tickets: TicketStorage,
        chats: ChatStorage,
        handoffs: HandoffService,
        whatsapp: WhatsAppService,
        people: WhatsAppPeople,
        undelivered: UndeliveredMessages,
    ) -> None:
        super().__init__(tickets, chats, handoffs)
        self._whatsapp = whatsapp
        self._people = people
        self._undelivered = undelivered

    async def _deliver(self, ticket: Ticket, message: Message) -> Message:
        if ticket.channel != CHANNEL:
            return await super()._deliver(ticket, message)
        # Stored before it is sent: if the process dies on the way, the operator sees that.
        await self._chats.save_operator_message(replace(message, delivery=_SENDING))
        try:
            sent_id = await self._send(ticket, message)
        except GraphError as error:
            logger.warning(
                "operator_message_not_delivered",
                ticket_id=ticket.ticket_id,
                reason=str(error),
                code=error.code,
                meta_trace_id=error.trace_id,
            )
            outcome = replace(message, delivery=failed_delivery(error.code))
            await self._chats.save_operator_message(outcome)
            return outcome
        outcome = await super()._deliver(ticket, replace(message, delivery=SENT))
        await self._remember(sent_id, message)
        return outcome

    async def _remember(self, sent_id: str, message: Message) -> None:
        sent = SentMessage(message.chat_id, message.message_id, message.created_at)
        try:
            await self._undelivered.remember(sent_id, sent)
        except StorageError as error:
            # It is sent; only a later report of Meta's will not be shown.
            logger.warning("operator_message_not_remembered", reason=str(error))

    async def _send(self, ticket: Ticket, message: Message) -> str:
        """Return Meta's id of the message; one that it may have accepted is sent once more."""
        if not self._whatsapp.is_configured:
            raise GraphRefused("WHATSAPP_PHONE_NUMBER_ID or WHATSAPP_ACCESS_TOKEN is not set")
        person = person_of(ticket.user_id)
        recipient = None if person is None else await self._people.address_of(person)
        if recipient is None:
            raise GraphRefused("the person's number belongs to somebody else by now")
        try:
            return await self._whatsapp.send_text(recipient, message.content)
        except GraphUncertain:
            return await self._whatsapp.send_text(recipient, message.content)
