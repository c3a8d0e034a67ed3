"""Answering everything that one person has written, in order."""

import asyncio
import random
import time
import uuid
from collections.abc import Callable, Sequence

import structlog
from structlog.contextvars import bind_contextvars, clear_contextvars

from app.core.ports.whatsapp_inbox import WhatsAppInbox, WhatsAppPeople
from app.core.service.whatsapp.bursts import Burst, Step, next_burst
from app.core.service.whatsapp.held_lock import LOCK_SECONDS, HeldLock, LockLost
from app.core.service.whatsapp.pseudonyms import Pseudonyms
from app.core.service.whatsapp.question_keys import question_key_of
from app.core.service.whatsapp.reply_delivery import ReplyDelivery
from app.core.service.whatsapp.texts import (
    RESET_DONE,
    TURN_FAILED,
    UNSUPPORTED_MESSAGE,
    UNSUPPORTED_NOTE,
)
from app.core.service.whatsapp.typing_indicator import TypingIndicator
from app.core.service.whatsapp.whatsapp_service import WhatsAppService
from app.core.service.whatsapp.whatsapp_turn import TurnInterrupted, WhatsAppTurn
from domain.dto.whatsapp_inbox import InboxEntry, LockRefused, ReceiptState
from domain.exceptions.storage import ConditionFailed, StorageError
from domain.exceptions.whatsapp import GraphUnavailable

logger = structlog.get_logger(__name__)

# A page of what waits: more than one burst, so that what a begun reply answers is among it.
_PAGE = 60
# A message at which the process died this often gets an apology instead of another turn.
_MAX_INTERRUPTIONS = 5
# With the back-off below: about fifteen minutes, for what may fail for ever.
_MAX_FAILURES = 20
# What only has to pass, an outage or a limit of Meta's, is waited for as long as a reply may be sent.
_WINDOW_SECONDS = 24 * 3600.0
_FIRST_BACKOFF_SECONDS = 1.0
_MAX_BACKOFF_SECONDS = 60.0
# After that many failures: a queue sets aside what was taken out of it too often.
_LONG_BACKOFF_SECONDS = 600.0
# The photos of an album come one by one.
_ALBUM_SECONDS = 2.0
_LOOK_AGAIN_SECONDS = 0.5
_GIVE_BACK_SECONDS = 2.0


class Correspondence:
    """Takes a person's lock, answers what waits, and gives the lock back."""

    def __init__(
        self,
        inbox: WhatsAppInbox,
        people: WhatsAppPeople,
        turn: WhatsAppTurn,
        delivery: ReplyDelivery,
        whatsapp: WhatsAppService,
        pseudonyms: Pseudonyms,
        *,
        album_seconds: float = _ALBUM_SECONDS,
    ) -> None:
        """Answer within `album_seconds` of a message without text only if no other joins it."""
        self._inbox = inbox
        self._people = people
        self._turn = turn
        self._delivery = delivery
        self._whatsapp = whatsapp
        self._pseudonyms = pseudonyms
        self._album_seconds = album_seconds

    async def answer(self, person: str, is_stopping: Callable[[], bool]) -> float | None:
        """Answer what the person wrote until nothing waits or the bot stops.

        Returns:
            After how many seconds to try again, 0 where the bot stops and more may wait; None if
            there is no need to.

        Raises:
            StorageError: the store is away; nothing was noted.
        """
        taken_at = time.monotonic()
        # One for each answering: the same process may be told of the person twice.
        owner = uuid.uuid4().hex
        lock = await self._people.lock(person, owner, LOCK_SECONDS)
        if isinstance(lock, LockRefused):
            return lock.seconds
        async with HeldLock(self._people, lock, owner, taken_at) as held:
            try:
                is_done = await self._answer_waiting(held, is_stopping)
                await held.release()
                return None if is_done else 0.0
            except (LockLost, ConditionFailed):
                # Another process was here in between: see what it has left.
                logger.warning("whatsapp_overtaken", person=self._pseudonyms.of(person))
                return _LOOK_AGAIN_SECONDS
            except TurnInterrupted:
                await self._give_back(held)
                return 0.0
            except asyncio.CancelledError:
                await self._give_back(held)
                raise
            except Exception as error:
                return await self._postpone(held, error)

    async def _answer_waiting(self, held: HeldLock, is_stopping: Callable[[], bool]) -> bool:
        """Answer until nothing waits; returns whether it came to that, or the bot stops."""
        must_check = held.interrupted > 0 or held.failures > 0
        behind_a_turn = False
        while True:
            if is_stopping() or self._turn.is_stopping:
                if must_check:
                    raise TurnInterrupted
                return False
            held.at_work, held.answer = (), None
            waiting = await self._inbox.waiting(held.person, _PAGE)
            if not waiting:
                return True
            doubtful = [entry for entry in waiting if must_check or entry.suspect]
            if doubtful and await self._settle(held, doubtful, waiting):
                continue
            begun = await self._turn.begun(held, waiting) if must_check else ()
            must_check = False
            burst = (
                Burst(Step.QUESTION, begun)
                if begun
                else next_burst(waiting, behind_a_turn=behind_a_turn)
            )
            if wait := self._wait_for_album(burst, waiting):
                await asyncio.sleep(wait)
                continue
            behind_a_turn = True
            held.at_work = burst.entries
            await self._answer_burst(held, burst)
            await held.note_progress()

    async def _settle(
        self, held: HeldLock, doubtful: Sequence[InboxEntry], waiting: Sequence[InboxEntry]
    ) -> bool:
        """Bring to an end what an earlier attempt began; tell whether anything was."""
        for entry in doubtful:
            receipt = await self._inbox.receipt(entry.message_id)
            if receipt is not None and receipt.state is ReceiptState.RECEIVED:
                continue
            if receipt is not None and receipt.reply is not None:
                held.at_work = (entry,)
                await self._delivery.resume(held, entry, waiting, receipt.reply)
            else:
                state = ReceiptState.ANSWERED if receipt is None else receipt.state
                others = receipt.also_answers if receipt is not None else ()
                done = [entry, *(other for other in waiting if other.message_id in others)]
                await self._inbox.finish(done, state)
            # A resumed reply may have answered others as well: look again.
            return True
        return False

    def _wait_for_album(self, burst: Burst, waiting: Sequence[InboxEntry]) -> float:
        """Return for how long to wait for more photos, 0 once none came for a while."""
        if burst.step is not Step.UNSUPPORTED or len(waiting) > len(burst.entries):
            return 0.0
        newest = max(entry.received_at for entry in burst.entries) / 1_000_000
        return max(0.0, min(newest + self._album_seconds - time.time(), self._album_seconds))

    async def _answer_burst(self, held: HeldLock, burst: Burst) -> None:
        started_at = time.monotonic()
        # The turn before has left its ids there.
        clear_contextvars()
        bind_contextvars(person=self._pseudonyms.of(held.person))
        async with TypingIndicator(self._whatsapp, burst.entries[-1].message_id) as indicator:
            reply = await self._reply_to(held, burst, indicator)
            if reply:
                indicator.show()
        await self._delivery.send(held, burst.entries, reply)
        logger.info(
            "whatsapp_messages_done",
            step=burst.step,
            messages=len(burst.entries),
            milliseconds=round((time.monotonic() - started_at) * 1000),
        )

    async def _reply_to(self, held: HeldLock, burst: Burst, indicator: TypingIndicator) -> str:
        """Return the reply, which is empty while a person has the chat."""
        if held.interrupted >= _MAX_INTERRUPTIONS:
            self._log_given_up(held, "the process died at it again and again")
            return TURN_FAILED
        key = question_key_of(burst.entries[0])
        if burst.step is Step.UNSUPPORTED:
            if await self._turn.is_handed_over(held):
                return await self._turn.ask(held, UNSUPPORTED_NOTE, key, indicator.show)
            return UNSUPPORTED_MESSAGE
        if burst.step is Step.RESET:
            await self._turn.reset(held)
            return RESET_DONE
        return await self._turn.ask(held, burst.question, key, indicator.show)

    async def _postpone(self, held: HeldLock, error: Exception) -> float:
        """Note the failure and return when to try again; after too many, give the messages up."""
        failures = held.failures + 1
        seconds = _backoff(failures)
        if isinstance(error, GraphUnavailable):
            seconds += min(error.retry_after, _WINDOW_SECONDS / 2)
        log = logger.bind(person=self._pseudonyms.of(held.person), failures=failures)
        if isinstance(error, StorageError | GraphUnavailable):
            log.warning("whatsapp_postponed", reason=str(error), seconds=round(seconds, 1))
        else:
            log.exception("whatsapp_postponed", seconds=round(seconds, 1))
        try:
            if held.at_work and _is_hopeless(held, error, failures):
                self._log_given_up(held, "every attempt failed")
                await self._inbox.finish(held.at_work, ReceiptState.FAILED)
                failures, seconds = 0, 0.0
            await held.postpone(failures, seconds)
        except StorageError as storage_error:
            # The lock ends by itself, and what waits is found again.
            log.warning("whatsapp_failure_not_noted", reason=str(storage_error))
        return seconds

    async def _give_back(self, held: HeldLock) -> None:
        """Let the next process begin at once; a counted failure makes it look for a begun reply."""
        try:
            async with asyncio.timeout(_GIVE_BACK_SECONDS):
                await held.postpone(max(held.failures, 1), 0.0)
        except (StorageError, TimeoutError):
            return

    def _log_given_up(self, held: HeldLock, reason: str) -> None:
        logger.error(
            "whatsapp_messages_given_up",
            person=self._pseudonyms.of(held.person),
            messages=[self._pseudonyms.of(entry.message_id) for entry in held.at_work],
            reason=reason,
        )


def _backoff(failures: int) -> float:
    longest = _MAX_BACKOFF_SECONDS if failures <= _MAX_FAILURES else _LONG_BACKOFF_SECONDS
    backoff = min(longest, _FIRST_BACKOFF_SECONDS * 2 ** min(failures - 1, 20))
    return random.uniform(backoff / 2, backoff)  # noqa: S311


def _is_hopeless(held: HeldLock, error: Exception, failures: int) -> bool:
    """Tell whether the messages at work are to be given up."""
    if failures < _MAX_FAILURES:
        return False
    has_only_to_pass = isinstance(error, StorageError) or (
        isinstance(error, GraphUnavailable) and not error.is_doubtful
    )
    age = time.time() - held.at_work[0].received_at / 1_000_000
    return not has_only_to_pass or age > _WINDOW_SECONDS
