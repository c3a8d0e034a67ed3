"""Sending a reply so that it arrives once, whenever the process dies on the way."""

from collections.abc import Sequence

import structlog

from app.core.ports.whatsapp_inbox import WhatsAppInbox
from app.core.service.whatsapp.held_lock import HeldLock
from app.core.service.whatsapp.message_formatting import whatsapp_messages
from app.core.service.whatsapp.pseudonyms import Pseudonyms
from app.core.service.whatsapp.whatsapp_service import WhatsAppService
from domain.dto.whatsapp_inbox import BegunReply, InboxEntry, ReceiptState
from domain.exceptions.whatsapp import GraphError, GraphRefused, GraphUnavailable, GraphUncertain

logger = structlog.get_logger(__name__)


class ReplyDelivery:
    """Notes a reply before it is sent and marks its messages after Meta accepted it.

    What was begun is sent from the note, never made anew, so that a second reply is possible only
    where the process dies between Meta's acceptance of a part and the note of it.
    """

    def __init__(
        self, inbox: WhatsAppInbox, whatsapp: WhatsAppService, pseudonyms: Pseudonyms
    ) -> None:
        self._inbox = inbox
        self._whatsapp = whatsapp
        self._pseudonyms = pseudonyms
        # Parts that Meta accepted and the store does not know of yet, by the first message's id.
        self._accepted: dict[str, int] = {}

    async def send(self, held: HeldLock, entries: Sequence[InboxEntry], text: str) -> None:
        """Send the text as the reply to all the messages; a text of blanks is no reply.

        Raises:
            ConditionFailed: another process has begun or sent a reply to the first message.
            LockLost: another process may answer the person.
            GraphUnavailable: some of it is still to be sent, perhaps for the second time.
        """
        if not whatsapp_messages(text):
            await self._inbox.finish(entries, ReceiptState.ANSWERED)
            return
        others = tuple(entry.message_id for entry in entries[1:])
        reply = BegunReply(text, also_answers=others)
        held.ensure()
        await self._inbox.begin_reply(entries[0], reply)
        await self._deliver(held, entries, reply)

    async def resume(
        self, held: HeldLock, entry: InboxEntry, waiting: Sequence[InboxEntry], reply: BegunReply
    ) -> None:
        """Send what is left of a reply that was begun; raises as `send` does."""
        others = [other for other in waiting if other.message_id in reply.also_answers]
        await self._deliver(held, [entry, *others], reply)

    async def _deliver(
        self, held: HeldLock, entries: Sequence[InboxEntry], reply: BegunReply
    ) -> None:
        first = entries[0]
        state = ReceiptState.ANSWERED
        try:
            await self._send_parts(held, first, reply)
        except (GraphRefused, GraphUncertain) as error:
            self._log_failure(entries, error)
            state = ReceiptState.FAILED
        await self._inbox.finish(entries, state)
        self._accepted.pop(first.message_id, None)

    async def _send_parts(self, held: HeldLock, entry: InboxEntry, reply: BegunReply) -> None:
        parts = whatsapp_messages(reply.text)
        done = max(reply.parts_sent, self._accepted.get(entry.message_id, 0))
        may_be_sent = reply.may_be_sent and done == reply.parts_sent
        for number, part in enumerate(parts[done:], start=done + 1):
            held.ensure()
            try:
                held.note_sent(await self._whatsapp.send_text(entry.sender, part))
            except GraphUncertain as error:
                # Losing a reply is worse than doubling it; so it is repeated, but only once.
                if may_be_sent:
                    raise
                await self._inbox.note_uncertain(entry)
                raise _to_be_repeated(error) from error
            may_be_sent = False
            self._accepted[entry.message_id] = number
            if number < len(parts):
                await self._inbox.note_parts_sent(entry, number)
                self._accepted.pop(entry.message_id, None)

    def _log_failure(self, entries: Sequence[InboxEntry], error: GraphError) -> None:
        logger.error(
            "whatsapp_reply_failed",
            messages=[self._pseudonyms.of(entry.message_id) for entry in entries],
            reason=str(error),
            code=error.code,
            meta_trace_id=error.trace_id,
        )


def _to_be_repeated(error: GraphUncertain) -> GraphUnavailable:
    return GraphUnavailable(
        "it may have been accepted",
        code=error.code,
        status=error.status,
        trace_id=error.trace_id,
        retry_after=error.retry_after,
    )
