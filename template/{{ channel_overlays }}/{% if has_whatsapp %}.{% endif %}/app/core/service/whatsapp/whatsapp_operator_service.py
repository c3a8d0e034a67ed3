"""Operators' messages to people on WhatsApp."""

from dataclasses import replace

import structlog

from app.core.ports.chat_storage import ChatStorage
from app.core.ports.ticket_storage import TicketStorage
from app.core.service.operator.operator_service import OperatorService
from app.core.service.whatsapp.user_ids import recipient_of
from app.core.service.whatsapp.whatsapp_service import WhatsAppService
from app.core.service.whatsapp.whatsapp_turn import CHANNEL
from domain.dto.chat import Message
from domain.dto.handoff import Ticket
from domain.exceptions.whatsapp import GraphError

logger = structlog.get_logger(__name__)

# Meta takes no free text more than 24 hours after the person's last message.
_OUTSIDE_THE_WINDOW = 131047

_SENDING = "sending"
_SENT = "sent"
_FAILED = "failed"
_FAILED_WINDOW = "failed_window"


class WhatsAppOperatorService(OperatorService):
    """Sends what operators write, and notes how far each message came."""

    def __init__(
        self, tickets: TicketStorage, chats: ChatStorage, whatsapp: WhatsAppService
    ) -> None:
        super().__init__(tickets, chats)
        self._whatsapp = whatsapp

    async def _deliver(self, ticket: Ticket, message: Message) -> Message:
        if ticket.channel != CHANNEL:
            return await super()._deliver(ticket, message)
        # Stored before it is sent: if the process dies on the way, the operator sees that.
        await self._chats.save_operator_message(replace(message, delivery=_SENDING))
        delivery = await self._send(ticket, message)
        outcome = replace(message, delivery=delivery)
        if delivery == _SENT:
            return await super()._deliver(ticket, outcome)
        await self._chats.save_operator_message(outcome)
        return outcome

    async def _send(self, ticket: Ticket, message: Message) -> str:
        if not self._whatsapp.is_configured:
            return _FAILED
        try:
            await self._whatsapp.send_text(recipient_of(ticket.user_id), message.content)
        except GraphError as error:
            logger.warning(
                "operator_message_not_delivered",
                ticket_id=ticket.ticket_id,
                reason=str(error),
                code=error.code,
                trace_id=error.trace_id,
            )
            return _FAILED_WINDOW if error.code == _OUTSIDE_THE_WINDOW else _FAILED
        return _SENT
