"""Requests that their callers share once several are on their way."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Part = TypeVar("Part")

# With fewer on their way, each part has a request of its own: none waits for what takes long.
_AT_ONCE = 2


class GatheredCalls(Generic[Part]):
    """Gathers what is asked for meanwhile: the more there is to do, the fewer requests each part takes."""

    def __init__(self, call: Callable[[Sequence[Part]], Awaitable[None]], most: int) -> None:
        """Args:
        call: makes one request of 1 to `most` parts; what it raises, all who asked for them are told.
        """
        self._call = call
        self._most = most
        self._waiting: deque[tuple[Part, asyncio.Future[None]]] = deque()
        self._requests: set[asyncio.Task[None]] = set()

    async def make(self, part: Part) -> None:
        """Make the part's request, perhaps together with others.

        It may be made even after its caller gave up: for what does no harm late.
        """
        made: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((part, made))
        self._begin()
        await made

    def _begin(self) -> None:
        while self._waiting and len(self._requests) < _AT_ONCE:
            size = min(self._most, len(self._waiting))
            self._start([self._waiting.popleft() for _ in range(size)])

    def _start(self, parts: Sequence[tuple[Part, asyncio.Future[None]]]) -> None:
        request = asyncio.create_task(self._request(parts))
        self._requests.add(request)
        request.add_done_callback(self._end)

    def _end(self, request: asyncio.Task[None]) -> None:
        self._requests.discard(request)
        self._begin()

    async def _request(self, parts: Sequence[tuple[Part, asyncio.Future[None]]]) -> None:
        failure: Exception | None = None
        try:
            await self._call([part for part, _ in parts])
        except Exception as error:
            failure = error
        for _, made in parts:
            if made.done():
                continue
            if failure is None:
                made.set_result(None)
            else:
                made.set_exception(failure)
