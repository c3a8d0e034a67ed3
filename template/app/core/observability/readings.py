"""Numbers that have to be asked for: asked in the background, and only while somebody looks."""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

import structlog
from prometheus_client import Gauge

from app.core.observability.metrics import Metrics
from domain.dto.backlog import Backlog

logger = structlog.get_logger(__name__)

# As often as Prometheus mostly looks; each replica asks for itself.
_EVERY_SECONDS = 15.0


class Reading(Protocol):
    """A number outside of this process."""

    async def read(self) -> None:
        """Ask for it and set its gauges."""
        ...

    def forget(self) -> None:
        """Set its gauges to NaN: it could not be had, and what was is not true any more."""
        ...


class BacklogReading(Reading):
    """How many wait for somebody, and for how long the first of them has."""

    def __init__(
        self, metrics: Metrics, count: str, wait: str, read: Callable[[], Awaitable[Backlog]]
    ) -> None:
        """Args:
        count, wait: the names of the two gauges.
        """
        self._read = read
        self._oldest_at: float | None = math.nan
        self._count = Gauge(
            count, "How many there are, NaN while that is not known", registry=metrics.registry
        )
        self._count.set(math.nan)
        oldest_wait = Gauge(
            wait, "How long the first has waited, 0 if nobody waits", registry=metrics.registry
        )
        oldest_wait.set_function(self._oldest_wait_seconds)

    async def read(self) -> None:
        backlog = await self._read()
        self._count.set(backlog.count)
        self._oldest_at = backlog.oldest_at

    def forget(self) -> None:
        self._count.set(math.nan)
        self._oldest_at = math.nan

    def _oldest_wait_seconds(self) -> float:
        if self._oldest_at is None:
            return 0.0
        return max(0.0, time.time() - self._oldest_at)


class Readings:
    """Reads all of them, after somebody looked; what they see was read after the look before."""

    def __init__(self, *groups: Sequence[Reading], every_seconds: float = _EVERY_SECONDS) -> None:
        self._readings = [reading for group in groups for reading in group]
        self._every_seconds = every_seconds
        self._begun_at = -math.inf
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Nothing to do: whoever looks has them read."""

    async def stop(self) -> None:
        """Read no more."""
        self._begun_at = math.inf
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    def refresh(self) -> None:
        """Begin to read in the background, unless that was done a moment ago; waits for nothing."""
        now = time.monotonic()
        is_reading = self._task is not None and not self._task.done()
        if is_reading or now < self._begun_at + self._every_seconds:
            return
        self._begun_at = now
        self._task = asyncio.create_task(self.read_all())

    async def read_all(self) -> None:
        """Read everything; what cannot be had is logged."""
        await asyncio.gather(*(_read(reading) for reading in self._readings))


async def _read(reading: Reading) -> None:
    try:
        await reading.read()
    except Exception as error:
        reading.forget()
        logger.warning("reading_failed", reading=type(reading).__name__, reason=str(error))
