"""Deliveries go before replies: Meta wants its answer within a second, people wait for seconds anyway."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from app.core.service.whatsapp.wake_handler import Answering

# More at once means that they come faster than they are made durable beside what else runs.
_CALM_DELIVERIES = 1
# Under a load that does not end, somebody begins to be answered this often all the same.
_LONGEST_WAIT_SECONDS = 0.5
# Who begins together ends together, all of their work in one moment: 20 a second at most.
_PACE_SECONDS = 0.05


class DeliveriesFirst(Answering):
    """Begins to answer people one after the other, and while few deliveries are taken in."""

    def __init__(self, answering: Answering) -> None:
        self._answering = answering
        self._deliveries = 0
        self._calm = asyncio.Event()
        self._calm.set()
        self._door = asyncio.Lock()
        self._next_at = 0.0

    @contextmanager
    def delivery(self) -> Iterator[None]:
        """Count a delivery while it is made durable."""
        self._count(1)
        try:
            yield
        finally:
            self._count(-1)

    async def answer(self, person: str, is_stopping: Callable[[], bool]) -> float | None:
        """Answer the person as soon as it is their turn to begin; see Correspondence.answer."""
        async with self._door:
            if not is_stopping():
                await self._wait()
        return await self._answering.answer(person, is_stopping)

    async def _wait(self) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._calm.wait(), _LONGEST_WAIT_SECONDS)
        clock = asyncio.get_running_loop().time
        await asyncio.sleep(self._next_at - clock())
        self._next_at = clock() + _PACE_SECONDS

    def _count(self, change: int) -> None:
        self._deliveries += change
        if self._deliveries > _CALM_DELIVERIES:
            self._calm.clear()
        else:
            self._calm.set()
