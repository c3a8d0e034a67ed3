"""Starting and stopping the bot's parts, each within its time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Protocol, runtime_checkable

import structlog

from app.dependency_injection.application_container import ApplicationContainer

logger = structlog.get_logger(__name__)

# Draining turns takes at most 25 s; whatever hangs beyond this must not keep the process alive.
_STOP_SECONDS = 40


class Part(Protocol):
    """Something that is opened before the first request and closed after the last."""

    async def start(self) -> None: ...

    async def stop(self) -> None: ...


@runtime_checkable
class Draining(Protocol):
    """A part that finishes what it has begun, for a bounded time, and begins nothing new."""

    async def drain(self) -> None: ...


async def drain(container: ApplicationContainer) -> None:
    """Drain the parts that have to be, all within the time of one: whoever asked will not wait."""
    parts = [part for part in container.lifecycle() if isinstance(part, Draining)]
    await asyncio.gather(*(part.drain() for part in parts))


@asynccontextmanager
async def running(container: ApplicationContainer) -> AsyncIterator[None]:
    """Start the parts in order; on leaving, stop those that started, in reverse."""
    async with AsyncExitStack() as stack:
        http_client = container.gateways.http_client()
        stack.push_async_callback(http_client.aclose)
        # In a thread: what the parts import takes a second, in which the server already answers.
        for part in await asyncio.to_thread(container.lifecycle):
            stack.push_async_callback(_stop, part)
            await part.start()
        yield


async def _stop(part: Part) -> None:
    try:
        async with asyncio.timeout(_STOP_SECONDS):
            await part.stop()
    except Exception:
        logger.exception("part_did_not_stop", part=type(part).__name__)
