"""Pieces of an answer sent together."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from domain.dto.events import TokenEvent

# Each post is a request to API Gateway: it costs, and their number a second is limited.
JOIN_SECONDS = 0.1


class TokenBatches:
    """Sends the first piece at once, and those that follow within a moment as one."""

    def __init__(self, send: Callable[[TokenEvent], Awaitable[None]]) -> None:
        self._send = send
        self._waiting: list[TokenEvent] = []
        self._pause: asyncio.Task[None] | None = None

    async def add(self, token: TokenEvent) -> None:
        """Send the piece, now or with the next ones; raises what sending raises."""
        self._waiting.append(token)
        if self._pause is None or self._pause.done():
            if self._pause is not None:
                self._pause.result()
            await self._flush()
            self._pause = asyncio.create_task(self._flush_later())

    async def finish(self) -> None:
        """Send what waits; other events may follow it."""
        await self.drop()
        await self._flush()

    async def drop(self) -> None:
        """Send nothing more."""
        if self._pause is not None:
            self._pause.cancel()
            with suppress(asyncio.CancelledError):
                await self._pause
            self._pause = None

    async def _flush_later(self) -> None:
        while True:
            await asyncio.sleep(JOIN_SECONDS)
            if not self._waiting:
                return
            await self._flush()

    async def _flush(self) -> None:
        waiting, self._waiting = self._waiting, []
        if waiting:
            joined = "".join(token.delta for token in waiting)
            await self._send(TokenEvent(waiting[0].message_id, joined))
