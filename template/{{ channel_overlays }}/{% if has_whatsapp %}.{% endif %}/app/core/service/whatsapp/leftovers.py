"""People who were acknowledged and then forgotten, because a process ended in between."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Protocol

import structlog

from domain.exceptions.storage import StorageError
from domain.exceptions.whatsapp import QueueUnavailable

logger = structlog.get_logger(__name__)


class PeopleWaiting(Protocol):
    """Finds who waits; see WhatsAppInbox.people_waiting."""

    def people_waiting(self, received_before: int) -> AsyncIterator[str]: ...


class Leftovers:
    """Looks for them at once and then regularly, and wakes them."""

    def __init__(
        self,
        inbox: PeopleWaiting,
        wake: Callable[[str], Awaitable[None]],
        *,
        every_seconds: float,
        grace_seconds: float,
        has_room: Callable[[], Awaitable[bool]],
    ) -> None:
        """Args:
        grace_seconds: for so long what was acknowledged is the business of whoever did.
        has_room: whether whoever is found would soon be answered; until then nobody is looked for.
        """
        self._inbox = inbox
        self._wake = wake
        self._every_seconds = every_seconds
        self._grace_seconds = grace_seconds
        self._has_room = has_room
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to look, in the background."""
        self._task = asyncio.create_task(self._look_regularly(time.time()))

    async def stop(self) -> None:
        """Look no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def wake_all(self, before: float) -> None:
        """Wake everyone who waits since before that time, if there is room; failures are logged.

        Args:
            before: in seconds since 1970.
        """
        try:
            if not await self._has_room():
                return
            async for person in self._inbox.people_waiting(int(before * 1_000_000)):
                await self._wake(person)
        except (StorageError, QueueUnavailable) as error:
            logger.warning("whatsapp_sweep_failed", reason=str(error))
        except Exception:
            logger.exception("whatsapp_sweep_failed")

    async def _look_regularly(self, started_at: float) -> None:
        await self.wake_all(started_at)
        while True:
            await asyncio.sleep(self._every_seconds)
            await self.wake_all(time.time() - self._grace_seconds)
