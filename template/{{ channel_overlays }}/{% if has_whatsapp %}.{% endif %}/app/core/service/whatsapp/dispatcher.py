"""When a person's messages are answered: at once, later, or by another process's successor."""

import asyncio
import random

import structlog
from structlog.contextvars import clear_contextvars

from app.core.ports.whatsapp_waking import Waking
from app.core.service.whatsapp.leftovers import Leftovers, PeopleWaiting
from app.core.service.whatsapp.wake_handler import Answering
from domain.exceptions.storage import StorageError

logger = structlog.get_logger(__name__)

# People answered at the same time; each needs a model call, which takes seconds, in which this process
# has nothing to do for them.
MAX_PEOPLE = 200
# Beyond these the messages stay in the store until a sweep finds them.
_MAX_QUEUED = 1000
# The rest of the queue is kept for those who are found, in the order in which they wrote. A sweep reads
# everything that waits, so none is made before there is that much room.
_MAX_WOKEN = 500
_SWEEP_SECONDS = 5.0
# What another process acknowledged a moment ago is its own business.
_GRACE_SECONDS = 10.0
_RETRY_SECONDS = 5.0


class Dispatcher(Waking):
    """Runs one task for each person with something to answer, all in this process."""

    def __init__(self, correspondence: Answering, inbox: PeopleWaiting) -> None:
        self._correspondence = correspondence
        self._leftovers = Leftovers(
            inbox,
            self._wake_found,
            every_seconds=_SWEEP_SECONDS,
            grace_seconds=_GRACE_SECONDS,
            has_room=self._has_room,
        )
        self._places = asyncio.Semaphore(MAX_PEOPLE)
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._again: set[str] = set()
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._is_stopping = False

    async def start(self) -> None:
        self._leftovers.start()

    async def stop(self, seconds: float) -> int:
        self._is_stopping = True
        for timer in self._timers.values():
            timer.cancel()
        await self._leftovers.stop()
        if not self._tasks:
            return 0
        _, running = await asyncio.wait(self._tasks.values(), timeout=seconds)
        for task in running:
            task.cancel()
        if running:
            await asyncio.wait(running)
        return len(running)

    async def wake(self, person: str) -> None:
        """Answer the person as soon as there is a place; during a retry's wait, after it."""
        if person in self._tasks:
            self._again.add(person)
        else:
            self._queue(person, _MAX_WOKEN)

    async def _wake_found(self, person: str) -> None:
        # Who has a task is found because of messages that it will see.
        if person not in self._tasks:
            self._queue(person, _MAX_QUEUED)

    async def _has_room(self) -> bool:
        return len(self._tasks) <= _MAX_WOKEN

    def _queue(self, person: str, limit: int) -> None:
        if not self._is_stopping and person not in self._timers and len(self._tasks) < limit:
            self._start(person)

    def _start(self, person: str) -> None:
        self._timers.pop(person, None)
        self._again.discard(person)
        self._tasks[person] = asyncio.create_task(self._answer(person))

    async def _answer(self, person: str) -> None:
        clear_contextvars()
        wait: float | None = None
        try:
            async with self._places:
                if not self._is_stopping:
                    wait = await self._correspondence.answer(person, lambda: self._is_stopping)
        except StorageError as error:
            logger.warning("whatsapp_store_away", reason=str(error))
            wait = _retry_seconds()
        except Exception:
            logger.exception("whatsapp_answering_failed")
            wait = _retry_seconds()
        finally:
            del self._tasks[person]
        if self._is_stopping:
            return
        if wait is not None:
            loop = asyncio.get_running_loop()
            self._timers[person] = loop.call_later(wait, self._start, person)
        elif person in self._again:
            self._start(person)


def _retry_seconds() -> float:
    # Spread, or everybody's next attempt would meet the store in the same instant.
    return random.uniform(_RETRY_SECONDS / 2, _RETRY_SECONDS)  # noqa: S311
