"""Which turns run now: one at a time in a chat of a user, none after the bot began to stop."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from app.core.errors import business_error

# Somebody who types ahead waits; what asks more at once is no person.
MAX_WAITING = 3


@dataclass(slots=True)
class _Queue:
    """The turns of a chat: one that runs, and those that wait for it."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    turns: int = 0


class TurnAdmission:
    """Counts the running turns of this process and lets them finish."""

    def __init__(self) -> None:
        self._running = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._is_stopping = False
        self._drained_by = 0.0
        self._chats: dict[tuple[str, str], _Queue] = {}

    @property
    def is_stopping(self) -> bool:
        return self._is_stopping

    @property
    def running(self) -> int:
        """How many turns run now, those that wait for their chat included."""
        return self._running

    @asynccontextmanager
    async def turn(self, user_id: str, chat_id: str) -> AsyncIterator[None]:
        """Hold the chat for one turn; a few others of the same chat wait.

        By user as well, because nobody knows yet whose chat it is: a stranger who names it must
        neither hold it up nor learn from the time how busy it is.

        Raises:
            BusinessException: `shutting_down`, or `turn_in_progress` where too many wait already.
        """
        if self._is_stopping:
            raise business_error("shutting_down")
        name = (user_id, chat_id)
        chat = self._chats.setdefault(name, _Queue())
        if chat.turns > MAX_WAITING:
            raise business_error("turn_in_progress")
        chat.turns += 1
        self._running += 1
        self._idle.clear()
        try:
            async with chat.lock:
                yield
        finally:
            chat.turns -= 1
            if not chat.turns:
                del self._chats[name]
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
