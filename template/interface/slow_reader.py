"""How long a client may leave unread what it asked for."""

import asyncio

# Nobody who reads needs this long for 48 KiB; whoever does not read would hold a turn for ever.
SLOW_READER_SECONDS = 20.0


class SlowReader:
    """Drops a connection whose other end has stopped reading."""

    __slots__ = ("_timer",)

    def __init__(self) -> None:
        self._timer: asyncio.TimerHandle | None = None

    def pause(self, loop: asyncio.AbstractEventLoop, transport: asyncio.Transport) -> None:
        """The write buffer is full: the client has so long to empty most of it."""
        # Closing would wait for the same buffer.
        self._timer = loop.call_later(SLOW_READER_SECONDS, transport.abort)

    def resume(self) -> None:
        """The client reads again, or is gone."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
