"""Starting and stopping the bot's parts, each within its time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Protocol, runtime_checkable

import structlog

from app.dependency_injection.application_container import ApplicationContainer

logger = structlog.get_logger(__name__)

# For everything together: an orchestrator kills the process 30 s after it asked it to stop.
STOP_SECONDS = 28
# What each part has after that as well: more than a client needs to close.
_LEAST_SECONDS = 0.2


class Part(Protocol):
    """Something that is opened before the first request and closed after the last."""

    async def start(self) -> None: ...

    async def stop(self) -> None: ...


@runtime_checkable
class Draining(Protocol):
    """A part that finishes what it has begun, for a bounded time, and begins nothing new."""

    async def drain(self) -> None: ...


class StopDeadline:
    """The one moment by which all has to be over; whoever stops something first sets it."""

    def __init__(self) -> None:
        self._at: float | None = None

    def begin(self) -> None:
        """Let the time run, if it does not yet."""
        self.at()

    def at(self) -> float:
        """Return the moment, in seconds of the event loop's clock."""
        if self._at is None:
            self._at = asyncio.get_running_loop().time() + STOP_SECONDS
        return self._at


async def drain(container: ApplicationContainer) -> None:
    """Drain the parts that have to be, all within the time of one: whoever asked will not wait."""
    parts = [part for part in container.lifecycle() if isinstance(part, Draining)]
    await asyncio.gather(*(part.drain() for part in parts))


@asynccontextmanager
async def running(
    container: ApplicationContainer, deadline: StopDeadline | None = None
) -> AsyncIterator[None]:
    """Start the parts in order; on leaving, stop those that started, in reverse.

    Args:
        deadline: by when they have stopped, where their stop is a part of a larger one.
    """
    deadline = deadline or StopDeadline()
    async with AsyncExitStack() as stack:
        http_client = container.gateways.http_client()
        stack.push_async_callback(http_client.aclose)
        # In a thread: what the parts import takes a second, in which the server already answers.
        for part in await asyncio.to_thread(container.lifecycle):
            stack.push_async_callback(_stop, part, deadline)
            await part.start()
        yield


async def _stop(part: Part, deadline: StopDeadline) -> None:
    least = asyncio.get_running_loop().time() + _LEAST_SECONDS
    try:
        async with asyncio.timeout_at(max(deadline.at(), least)):
            await part.stop()
    except TimeoutError:
        logger.warning("part_did_not_stop", part=type(part).__name__, reason="out of time")
    except Exception:
        logger.exception("part_did_not_stop", part=type(part).__name__)
