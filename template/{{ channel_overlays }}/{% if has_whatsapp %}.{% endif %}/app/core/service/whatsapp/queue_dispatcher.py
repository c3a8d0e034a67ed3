"""Answering people whom a queue names, in this process and any number of others."""

import asyncio
import random
import time
from collections.abc import Iterable, Sequence

import structlog

from app.core.ports.person_queue import PersonQueue, QueuedMessage
from app.core.ports.whatsapp_waking import Waking
from app.core.service.whatsapp.deliveries_first import DeliveriesFirst
from app.core.service.whatsapp.dispatcher import MAX_PEOPLE
from app.core.service.whatsapp.leftovers import Leftovers
from app.core.service.whatsapp.wake_handler import WakeHandler
from domain.exceptions.whatsapp import QueueUnavailable

logger = structlog.get_logger(__name__)

# A third of the time for which a taken message is hidden.
_HOLD_SECONDS = 10.0
_FIRST_BACKOFF_SECONDS = 0.5
_MAX_BACKOFF_SECONDS = 30.0
_GIVE_BACK_SECONDS = 2.0


class QueueDispatcher(Waking):
    """Puts people into the queue, takes out whom it soon begins with, and has them answered."""

    def __init__(
        self,
        queue: PersonQueue,
        handler: WakeHandler,
        answering: DeliveriesFirst,
        leftovers: Leftovers,
    ) -> None:
        """Args:
        answering: what the handler answers with; it tells how many may be taken from the queue.
        """
        self._queue = queue
        self._handler = handler
        self._answering = answering
        self._leftovers = leftovers
        self._tasks: set[asyncio.Task[None]] = set()
        self._receiver: asyncio.Task[None] | None = None
        self._is_stopping = False

    async def start(self) -> None:
        await self._queue.open()
        self._receiver = asyncio.create_task(self._receive_all())
        self._leftovers.start()

    async def stop(self, seconds: float) -> int:
        stop_at = time.monotonic() + seconds
        self._is_stopping = True
        await self._leftovers.stop()
        if self._receiver is not None:
            # Left alone, a receive could still be given messages, which then stay hidden a while.
            _, receiving = await asyncio.wait([self._receiver], timeout=seconds)
            await _cancel(receiving)
        if not self._tasks:
            return 0
        _, running = await asyncio.wait(self._tasks, timeout=max(0.0, stop_at - time.monotonic()))
        await _cancel(running)
        return len(running)

    async def wake(self, person: str) -> None:
        await self._queue.send(person)

    async def _receive_all(self) -> None:
        failures = 0
        while not self._is_stopping:
            limit = await self._room()
            if self._is_stopping:
                return
            try:
                messages = await self._queue.receive(limit)
            except QueueUnavailable as error:
                failures += 1
                if failures == 1:
                    logger.warning("whatsapp_queue_away", reason=str(error))
                await asyncio.sleep(_backoff(failures))
                continue
            except Exception:
                failures += 1
                logger.exception("whatsapp_receiving_failed")
                await asyncio.sleep(_backoff(failures))
                continue
            if failures:
                logger.info("whatsapp_queue_back", failures=failures)
                failures = 0
            for same in _by_body(messages):
                task = asyncio.create_task(self._answer(same))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    async def _room(self) -> int:
        """Wait until somebody may be taken from the queue; returns how many."""
        while len(self._tasks) >= MAX_PEOPLE:
            await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
        return min(MAX_PEOPLE - len(self._tasks), await self._answering.room())

    async def _answer(self, messages: Sequence[QueuedMessage]) -> None:
        """Answer the person whom the messages name: what each was sent for lies in the table."""
        if self._is_stopping:
            await self._give_back(messages, 0.0)
            return
        holder = asyncio.create_task(self._hold(messages))
        try:
            wait = await self._handler.handle(
                messages[0].body, messages[0].attempt, lambda: self._is_stopping
            )
        except asyncio.CancelledError:
            await self._give_back(messages, 0.0)
            raise
        finally:
            await _cancel([holder])
        if wait is None:
            await self._delete(messages)
        else:
            await self._give_back(messages, wait)

    async def _hold(self, messages: Sequence[QueuedMessage]) -> None:
        while True:
            await asyncio.sleep(_HOLD_SECONDS)
            try:
                await asyncio.gather(*(self._queue.hold(message.receipt) for message in messages))
            except QueueUnavailable as error:
                # Should another process take the message, the person's lock keeps it waiting.
                logger.warning("whatsapp_message_not_held", reason=str(error))

    async def _delete(self, messages: Sequence[QueuedMessage]) -> None:
        try:
            await asyncio.gather(*(self._queue.delete(message.receipt) for message in messages))
        except QueueUnavailable as error:
            # It comes again and finds nothing to do.
            logger.warning("whatsapp_message_not_deleted", reason=str(error))

    async def _give_back(self, messages: Sequence[QueuedMessage], seconds: float) -> None:
        try:
            async with asyncio.timeout(_GIVE_BACK_SECONDS):
                await asyncio.gather(
                    *(self._queue.postpone(message.receipt, seconds) for message in messages)
                )
        except (QueueUnavailable, TimeoutError) as error:
            # It comes again when it is no longer hidden.
            logger.warning("whatsapp_message_not_given_back", reason=str(error))


def _by_body(messages: Iterable[QueuedMessage]) -> list[list[QueuedMessage]]:
    groups: dict[str, list[QueuedMessage]] = {}
    for message in messages:
        groups.setdefault(message.body, []).append(message)
    return list(groups.values())


async def _cancel(tasks: Iterable[asyncio.Task[None]]) -> None:
    tasks = list(tasks)
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks)


def _backoff(failures: int) -> float:
    longest = min(_MAX_BACKOFF_SECONDS, _FIRST_BACKOFF_SECONDS * 2 ** min(failures - 1, 10))
    return random.uniform(longest / 2, longest)  # noqa: S311
