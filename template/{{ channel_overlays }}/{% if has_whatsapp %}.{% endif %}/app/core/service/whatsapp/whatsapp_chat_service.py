"""The WhatsApp channel: acknowledge first, answer after, lose nothing, answer once."""

import asyncio
import time
from collections import Counter, OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

import structlog

from app.core.ports.whatsapp_inbox import WhatsAppInbox, WhatsAppPeople
from app.core.ports.whatsapp_waking import Waking
from app.core.service.whatsapp.deliveries_first import DeliveriesFirst
from app.core.service.whatsapp.reactions import Reactions
from app.core.service.whatsapp.undelivered import UndeliveredMessages
from app.core.service.whatsapp.whatsapp_service import WhatsAppService
from domain.dto.whatsapp import InboundMessage, SenderIdentity, WebhookDelivery
from domain.dto.whatsapp_inbox import InboxEntry, Recording
from domain.graph_versions import end_to_warn_of

logger = structlog.get_logger(__name__)

# An orchestrator kills the process 30 s after it asked it to stop; what is cut off then still has to
# be given back, and connections to be closed.
DRAIN_SECONDS = 24.0
# A delivery may carry messages of hundreds of people.
_PEOPLE_AT_ONCE = 16
_MESSAGES_AT_ONCE = 25
# Ten of the largest deliveries.
_REFUSED_IN_MEMORY = 10_000

_Numbered = tuple[int, InboundMessage]


class WhatsAppChatService:
    """Takes deliveries in and answers their messages in the background."""

    def __init__(
        self,
        inbox: WhatsAppInbox,
        people: WhatsAppPeople,
        waking: Waking,
        answering: DeliveriesFirst,
        whatsapp: WhatsAppService,
        undelivered: UndeliveredMessages,
        reactions: Reactions,
    ) -> None:
        self._inbox = inbox
        self._people = people
        self._waking = waking
        self._answering = answering
        self._whatsapp = whatsapp
        self._undelivered = undelivered
        self._reactions = reactions
        # What was recorded, and of whom, of deliveries that are not acknowledged.
        self._recorded: OrderedDict[str, str] = OrderedDict()

    async def start(self) -> None:
        """Begin to answer, what an earlier process left first."""
        self._warn_of_the_versions_end()
        if self._whatsapp.is_configured:
            await self._waking.start()
        else:
            logger.warning(
                "whatsapp_cannot_send",
                missing="WHATSAPP_PHONE_NUMBER_ID or WHATSAPP_ACCESS_TOKEN",
                effect="messages are kept and answered once these are set",
            )

    async def drain(self) -> None:
        """Finish the running turns within a bound; what waits is another process's."""
        cut_off = await self._waking.stop(DRAIN_SECONDS)
        if cut_off:
            logger.warning("whatsapp_turns_left_at_shutdown", people=cut_off)

    async def stop(self) -> None:
        """Drain; deliveries may have come since."""
        await self.drain()

    def _warn_of_the_versions_end(self) -> None:
        version = self._whatsapp.version
        end = end_to_warn_of(version, datetime.now(UTC).date())
        if end is not None:
            logger.warning(
                "whatsapp_graph_version_ends",
                version=version,
                ends=end.isoformat(),
                advice="update the bot from its template, or set WHATSAPP_GRAPH_VERSION",
            )

    async def accept(self, delivery: WebhookDelivery) -> None:
        """Make every message of the delivery durable and see to its reply.

        Raises:
            StorageError: some are not; the delivery has to come again, which repeats nothing.
            QueueUnavailable: they are, but nobody was told; the delivery has to come again.
        """
        with self._answering.delivery(has_messages=bool(delivery.messages)):
            await self._accept(delivery)
        for message in delivery.messages:
            self._recorded.pop(message.message_id, None)

    async def _accept(self, delivery: WebhookDelivery) -> None:
        await self._undelivered.note(delivery.failed_deliveries)
        for change in delivery.identity_changes:
            await self._people.link(change)
        for correction in delivery.corrections:
            await self._inbox.correct(correction)
        if delivery.broken:
            logger.warning("whatsapp_messages_broken", errors=sorted(delivery.broken))
        received_at = time.time_ns() // 1000
        counts: Counter[Recording] = Counter()
        places = asyncio.Semaphore(_PEOPLE_AT_ONCE)
        outcomes = await asyncio.gather(
            *(
                self._record(messages, received_at, places, counts)
                for messages in _by_sender(delivery.messages)
            ),
            return_exceptions=True,
        )
        logger.info(
            "whatsapp_delivery_accepted",
            messages=counts[Recording.NEW],
            repaired=counts[Recording.REPAIRED],
            duplicates=counts[Recording.DUPLICATE] + counts[Recording.WAITING],
            silent=delivery.silent,
            dropped=delivery.dropped,
        )
        for outcome in outcomes:
            if outcome is not None:
                raise outcome
        await self._reactions.note(delivery.reactions)

    async def _record(
        self,
        messages: Sequence[_Numbered],
        received_at: int,
        places: asyncio.Semaphore,
        counts: Counter[Recording],
    ) -> None:
        """Record one sender's messages in order: a later one must not be seen before an earlier.

        Those of a delivery that took too long are not recorded anew when it comes again: however
        slow the table is, each attempt comes further than the one before.
        """
        missing = [one for one in messages if one[1].message_id not in self._recorded]
        known = {one[1].message_id for one in messages} & self._recorded.keys()
        people = {self._recorded[message_id] for message_id in known}
        counts[Recording.WAITING] += len(messages) - len(missing)
        async with places:
            try:
                person_of = await self._people_of(missing)
                for start in range(0, len(missing), _MESSAGES_AT_ONCE):
                    entries = [
                        _entry(number, message, person_of[message.sender], received_at)
                        for number, message in missing[start : start + _MESSAGES_AT_ONCE]
                    ]
                    recordings = await self._inbox.record(*entries)
                    counts.update(recordings)
                    waiting = [
                        entry
                        for entry, recording in zip(entries, recordings, strict=True)
                        if recording is not Recording.DUPLICATE
                    ]
                    people.update(entry.person for entry in waiting)
                    self._remember(waiting)
            finally:
                # Together, so that what came together is seen together.
                await self._wake(people)

    async def _people_of(self, messages: Sequence[_Numbered]) -> Mapping[SenderIdentity, str]:
        senders = dict.fromkeys(message.sender for _, message in messages)
        return {sender: await self._people.person_of(sender) for sender in senders}

    def _remember(self, entries: Sequence[InboxEntry]) -> None:
        for entry in entries:
            self._recorded[entry.message_id] = entry.person
        while len(self._recorded) > _REFUSED_IN_MEMORY:
            self._recorded.popitem(last=False)

    async def _wake(self, people: Iterable[str]) -> None:
        for person in people if self._whatsapp.is_configured else ():
            await self._waking.wake(person)


def _entry(number: int, message: InboundMessage, person: str, received_at: int) -> InboxEntry:
    return InboxEntry(
        message_id=message.message_id,
        person=person,
        sender=message.sender,
        kind=message.kind,
        text=message.text,
        sent_at=message.sent_at or received_at // 1_000_000,
        received_at=received_at + number,
    )


def _by_sender(messages: Sequence[InboundMessage]) -> list[list[_Numbered]]:
    """Return the messages with their numbers, those that share an identifier together."""
    groups: list[list[_Numbered]] = []
    group_of: dict[str, list[_Numbered]] = {}
    for number, message in enumerate(messages):
        sender = message.sender
        identifiers = [i for i in (sender.phone, sender.business_scoped_id) if i is not None]
        group = next((group_of[i] for i in identifiers if i in group_of), None)
        if group is None:
            group = []
            groups.append(group)
        group.append((number, message))
        for identifier in identifiers:
            group_of.setdefault(identifier, group)
    return groups
