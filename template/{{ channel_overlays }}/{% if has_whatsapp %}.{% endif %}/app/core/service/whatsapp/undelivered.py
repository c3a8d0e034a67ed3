"""What Meta could not deliver, although it had accepted it."""

import asyncio
from collections.abc import Sequence

import structlog

from app.core.observability.whatsapp_metrics import WhatsAppMetrics
from app.core.ports.ticket_storage import TicketStorage
from app.core.ports.whatsapp_sent import SentMessages
from app.core.service.whatsapp.pseudonyms import Pseudonyms
from domain.dto.whatsapp import FailedDelivery
from domain.dto.whatsapp_sent import SentMessage

logger = structlog.get_logger(__name__)

SENT = "sent"
FAILED = "failed"
FAILED_WINDOW = "failed_window"

# Meta takes no free text more than 24 hours after the person's last message.
_OUTSIDE_THE_WINDOW = 131047
_AT_ONCE = 16


def failed_delivery(code: int) -> str:
    """Return how the operators' page shows a message that Meta refused with this code."""
    return FAILED_WINDOW if code == _OUTSIDE_THE_WINDOW else FAILED


class UndeliveredMessages:
    """Counts them, and shows operators which of their messages did not arrive."""

    def __init__(
        self,
        sent: SentMessages,
        tickets: TicketStorage,
        metrics: WhatsAppMetrics,
        pseudonyms: Pseudonyms,
    ) -> None:
        self._sent = sent
        self._tickets = tickets
        self._metrics = metrics
        self._pseudonyms = pseudonyms

    async def remember(self, message_id: str, message: SentMessage) -> None:
        """Keep which operator's message has this id; Meta may have reported its failure already.

        Raises:
            StorageUnavailable: a later report of its failure will not be shown.
        """
        code = await self._sent.remember(message_id, message)
        if code is not None:
            await self._show(message, failed_delivery(code))

    async def note(self, failures: Sequence[FailedDelivery]) -> None:
        """Note what Meta reports; repeated, it changes nothing.

        Raises:
            StorageUnavailable: not all is noted; Meta has to report it again.
        """
        places = asyncio.Semaphore(_AT_ONCE)
        await asyncio.gather(*(self._note(failure, places) for failure in failures))

    async def _note(self, failure: FailedDelivery, places: asyncio.Semaphore) -> None:
        async with places:
            if not await self._sent.note_failure(failure.message_id, failure.code):
                message = await self._sent.find(failure.message_id)
                if message is None or not await self._show(message, failed_delivery(failure.code)):
                    return
        self._metrics.count_undelivered(failure.code)
        logger.warning(
            "whatsapp_delivery_failed",
            message=self._pseudonyms.of(failure.message_id),
            code=failure.code,
        )

    async def _show(self, message: SentMessage, delivery: str) -> bool:
        """Mark the message, and the person as waiting; tell whether it was not marked yet."""
        if not await self._sent.mark(message, SENT, delivery):
            return False
        ticket = await self._tickets.find_open(message.chat_id)
        if ticket is not None:
            await self._tickets.user_waits(message.chat_id, ticket.reference, message.created_at)
        return True
