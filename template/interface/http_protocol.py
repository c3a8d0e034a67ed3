"""uvicorn's HTTP with bounds for clients that send or read slowly, or too much."""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from interface.slow_reader import DropsSlowReaders

# From the connection, or the first byte of a further request, to the end of its headers.
HEAD_SECONDS = 10.0
# The largest body over a slow mobile network.
BODY_SECONDS = 60.0
_MAX_HEAD_BYTES = 64 * 1024
# Of one process, sockets included: what more would cost is memory, taken from those that talk.
MAX_CONNECTIONS = 4_000
# What still sends, when the bot stops or has refused it, has this long before it is dropped.
LAST_SECONDS = 2.0

_REQUEST_TIMEOUT = 408
_HEAD_TOO_LARGE = 431


class HttpProtocol(DropsSlowReaders, HttpToolsProtocol):
    """One connection that speaks HTTP."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._reading: asyncio.TimerHandle | None = None
        self._is_in_head = True
        self._head_bytes = 0
        self._is_refused = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._expect_within(HEAD_SECONDS)
        if len(self.connections) > MAX_CONNECTIONS:
            transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self.expect_nothing()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._is_refused:
            return
        super().data_received(data)
        if self._is_in_head and not self.transport.is_closing():
            self._head_bytes += len(data)
            if self._head_bytes > _MAX_HEAD_BYTES:
                self._refuse(_HEAD_TOO_LARGE)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._is_in_head = True
        self._expect_within(HEAD_SECONDS)

    def on_headers_complete(self) -> None:
        self._is_in_head = False
        self._head_bytes = 0
        self._expect_within(BODY_SECONDS)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self.expect_nothing()
        super().on_message_complete()

    def shutdown(self) -> None:
        super().shutdown()
        # Before uvicorn cancels what runs, which it logs as an error of the bot.
        self.loop.call_later(LAST_SECONDS, self.transport.abort)

    def _expect_within(self, seconds: float) -> None:
        self.expect_nothing()
        self._reading = self.loop.call_later(seconds, self._too_slow, seconds)

    def expect_nothing(self) -> None:
        """The client has sent what it had to; it may be silent now."""
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None

    def _too_slow(self, seconds: float) -> None:
        if self.flow.read_paused:
            # It is the bot that does not read.
            self._expect_within(seconds)
        else:
            self._refuse(_REQUEST_TIMEOUT)

    def _refuse(self, status: int) -> None:
        self.expect_nothing()
        self._is_refused = True
        if self.cycle is None or self.cycle.response_complete or not self.cycle.response_started:
            head = b"content-length: 0\r\nconnection: close\r\n\r\n"
            self.transport.write(STATUS_LINE[status] + head)
        # Closed at once, what it still sends would have the system throw the answer away.
        self.transport.write_eof()
        self.loop.call_later(LAST_SECONDS, self.transport.close)
