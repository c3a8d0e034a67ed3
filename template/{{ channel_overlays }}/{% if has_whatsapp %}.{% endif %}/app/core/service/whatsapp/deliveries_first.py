"""Deliveries go before replies: Meta wants its answer within a second, people wait for seconds anyway."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from app.core.service.whatsapp.wake_handler import Answering

# More at once means that they come faster than they are made durable beside what else runs.
_CALM_DELIVERIES = 1
# Under a load that does not end, somebody begins to be answered this often all the same.
_LONGEST_WAIT_SECONDS = 0.5
# Who begins together ends together, all of their work in one moment: 20 a second at most.
_PACE_SECONDS = 0.05
# So many questions in a second are more than are answered in it anyway: then 4 a second, or those who
# began before would end while their table has enough to do with what comes.
_MANY_DELIVERIES = 40
_PACE_BESIDE_MANY_SECONDS = 0.25
# A delivery that took longer shows that even those are too many: then one a second. What is asked of a
# webhook is 250 ms at the median (360dialog, "Receiving messages via webhook").
_SLOW_DELIVERY_SECONDS = 0.25
_PACE_BESIDE_SLOW_SECONDS = 1.0
# Whoever is taken from a queue to wait here is hidden from processes that could begin with them at once.
_MAX_IN_LINE = 10
_FEW_IN_LINE = 5


class DeliveriesFirst(Answering):
    """Begins to answer people one after the other, and while few deliveries are taken in."""

    def __init__(self, answering: Answering) -> None:
        self._answering = answering
        self._deliveries = 0
        self._calm = asyncio.Event()
        self._calm.set()
        self._door = asyncio.Lock()
        self._in_line = 0
        self._has_moved = asyncio.Event()
        self._next_at = 0.0
        self._delivered_at: deque[float] = deque(maxlen=_MANY_DELIVERIES)
        self._last_took = 0.0

    @contextmanager
    def delivery(self, *, has_messages: bool) -> Iterator[None]:
        """Count a delivery while it is made durable."""
        clock = asyncio.get_running_loop().time
        began_at = clock()
        if has_messages:
            self._delivered_at.append(began_at)
        self._count(1)
        try:
            yield
        finally:
            if has_messages:
                self._last_took = clock() - began_at
            self._count(-1)

    async def room(self) -> int:
        """Wait until few people wait to begin; returns how many more may, 5 to 10."""
        # Those who were taken a moment ago come into the line first.
        await asyncio.sleep(0)
        while self._in_line > _FEW_IN_LINE:
            self._has_moved.clear()
            await self._has_moved.wait()
        return _MAX_IN_LINE - self._in_line

    async def answer(self, person: str, is_stopping: Callable[[], bool]) -> float | None:
        """Answer the person as soon as it is their turn to begin; see Correspondence.answer."""
        with self._line():
            async with self._door:
                if not is_stopping():
                    await self._wait()
        return await self._answering.answer(person, is_stopping)

    @contextmanager
    def _line(self) -> Iterator[None]:
        self._in_line += 1
        try:
            yield
        finally:
            self._in_line -= 1
            self._has_moved.set()

    async def _wait(self) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._calm.wait(), _LONGEST_WAIT_SECONDS)
        clock = asyncio.get_running_loop().time
        await asyncio.sleep(self._next_at - clock())
        self._next_at = clock() + self._pace(clock())

    def _pace(self, now: float) -> float:
        times = self._delivered_at
        if len(times) < _MANY_DELIVERIES or now - times[0] >= 1:
            return _PACE_SECONDS
        is_slow = self._last_took > _SLOW_DELIVERY_SECONDS
        return _PACE_BESIDE_SLOW_SECONDS if is_slow else _PACE_BESIDE_MANY_SECONDS

    def _count(self, change: int) -> None:
        self._deliveries += change
        if self._deliveries > _CALM_DELIVERIES:
            self._calm.clear()
        else:
            self._calm.set()
