"""Which turns run now: one at a time in a chat, none after the bot began to stop."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary

from app.core.errors import business_error


class TurnAdmission:
    """Counts the running turns of this process and lets them finish."""

    def __init__(self) -> None:
        self._running = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._is_stopping = False
        self._drained_by = 0.0
        self._chats: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @property
    def is_stopping(self) -> bool:
        return self._is_stopping

    @property
    def running(self) -> int:
        """How many turns run now, those that wait for their chat included."""
        return self._running

    @asynccontextmanager
    async def turn(self, chat_id: str) -> AsyncIterator[None]:
        """Hold the chat for one turn; others of the same chat wait.

        Raises:
            BusinessException: the bot is shutting down.
        """
        if self._is_stopping:
            raise business_error("shutting_down")
        chat = self._chats.setdefault(chat_id, asyncio.Lock())
        self._running += 1
        self._idle.clear()
        try:
            async with chat:
                yield
        finally:
            self._running -= 1
            if self._running == 0:
                self._idle.set()

    async def drain(self, seconds: float) -> int:
        """Refuse new turns and wait for the running ones; returns how many were left.

        Called again it waits for what is left of the time it had the first time.
        """
        clock = asyncio.get_running_loop().time
        if not self._is_stopping:
            self._is_stopping = True
            self._drained_by = clock() + seconds
        try:
            async with asyncio.timeout_at(self._drained_by):
                await self._idle.wait()
        except TimeoutError:
            return self._running
        return 0
