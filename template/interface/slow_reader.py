"""How long a client may leave unread what it asked for."""

import asyncio

# Nobody who reads needs this long for 48 KiB; whoever does not read would hold a turn for ever.
SLOW_READER_SECONDS = 20.0


class DropsSlowReaders(asyncio.Protocol):
    """A connection that is dropped once its other end has stopped reading.

    It goes before the protocol that it is of; that one has the transport and the loop.
    """

    __slots__ = ("_unread_timer",)

    loop: asyncio.AbstractEventLoop
    transport: asyncio.Transport
    _unread_timer: asyncio.TimerHandle | None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._unread_timer = None
        super().connection_made(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self._forget_unread()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """The write buffer is full: the client has so long to empty most of it."""
        super().pause_writing()
        # Closing would wait for the same buffer.
        self._unread_timer = self.loop.call_later(SLOW_READER_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._forget_unread()

    def _forget_unread(self) -> None:
        if self._unread_timer is not None:
            self._unread_timer.cancel()
            self._unread_timer = None
