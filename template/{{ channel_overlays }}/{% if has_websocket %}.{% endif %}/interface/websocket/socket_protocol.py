"""uvicorn's WebSocket (RFC 6455) with bounds, and an answer to whatever a client can send."""

import asyncio
from typing import Any

from uvicorn._types import ASGISendEvent
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Close, CloseCode, Frame, Opcode

from interface.http_protocol import LAST_SECONDS, HttpProtocol
from interface.slow_reader import DropsSlowReaders
from interface.websocket.token_bucket import TokenBucket

# Each costs 44 bytes beside its data. No client cuts a message into so many.
MAX_FRAGMENTS = 4_096
# Pings and pongs in ten seconds.
_CONTROL_FRAMES = 100
# How long what a client goes on sending is thrown away, so that it can read why it was closed.
_DISCARD_SECONDS = 2.0


class SocketProtocol(DropsSlowReaders, WebSocketsSansIOProtocol):
    """One connection that speaks WebSocket."""

    # Ours, and some of uvicorn's: Python holds an object of more than 30 other attributes in twice the
    # memory, and most sockets are idle.
    __slots__ = (
        "_control_frames",
        "_is_discarding",
        "asgi_version",
        "client",
        "close_timeout",
        "initial_response",
        "last_ping_rtt",
        "pending_ping_payload",
        "ping_sent_at",
        "ping_timer",
        "pong_timer",
        "request",
        "response",
        "root_path",
        "scheme",
        "server",
    )

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._control_frames = TokenBucket(_CONTROL_FRAMES)
        self._is_discarding = False
        self.close_timeout = _DISCARD_SECONDS

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        http = transport.get_protocol()
        if isinstance(http, HttpProtocol):
            http.expect_nothing()
            # Each knows the other; without this they would stay for as long as the socket.
            http.parser = None  # type: ignore[assignment]

    async def send(self, message: ASGISendEvent) -> None:
        await super().send(message)
        if message["type"] == "websocket.accept":
            # The handshake is over; an idle socket need not hold what belongs to it. The parser of
            # websockets has the request for as long as it parses.
            self.request.headers.clear()
            self.request = self.response = None  # type: ignore[assignment]

    def keepalive_timeout(self) -> None:
        super().keepalive_timeout()
        # Who does not answer does not read either: closing would wait for the write buffer.
        self.transport.abort()

    def shutdown(self) -> None:
        super().shutdown()
        self.loop.call_later(LAST_SECONDS, self.transport.abort)

    def data_received(self, data: bytes) -> None:
        if self._is_discarding:
            return
        super().data_received(data)
        if self.conn.handshake_exc is not None:
            # websockets has an answer ready (414 or 431), which uvicorn would never send.
            self._close_after(b"".join(self.conn.data_to_send()))

    def handle_cont(self, event: Frame) -> None:
        if len(self.frames) == MAX_FRAGMENTS:
            self._fail(CloseCode.POLICY_VIOLATION, "too many fragments")
        elif not self._is_discarding:
            super().handle_cont(event)

    def handle_ping(self) -> None:
        if not self._admits_control_frame():
            return
        if self.writable.is_set():
            super().handle_ping()
        else:
            # Pongs for a client that does not read would pile up.
            self.conn.data_to_send()

    def handle_pong(self, event: Frame) -> None:
        if self.pending_ping_payload is not None or self._admits_control_frame():
            super().handle_pong(event)

    def send_receive_event_to_app(self) -> None:
        if self.curr_msg_data_type == "text" and not _is_utf8(self.frames):
            self._fail(CloseCode.INVALID_DATA, "invalid UTF-8")
        else:
            super().send_receive_event_to_app()

    def handle_parser_exception(self) -> None:
        close = self.conn.close_sent
        assert close is not None
        self._end(close, b"".join(self.conn.data_to_send()))

    def _admits_control_frame(self) -> bool:
        if self._is_discarding:
            return False
        if self._control_frames.admits():
            return True
        self._fail(CloseCode.POLICY_VIOLATION, "too many control frames")
        return False

    def _fail(self, code: CloseCode, reason: str) -> None:
        """Close for a reason that websockets does not look for."""
        self.frames = []
        # What it has ready are answers to frames behind the bad one.
        self.conn.data_to_send()
        close = Close(code, reason)
        self._end(close, Frame(Opcode.CLOSE, close.serialize()).serialize(mask=False))

    def _end(self, close: Close, last: bytes) -> None:
        if self._is_discarding:
            return
        if self.close_sent:
            self.transport.close()
            return
        self.queue.put_nowait(
            {"type": "websocket.disconnect", "code": close.code, "reason": close.reason}
        )
        self._close_after(last)

    def _close_after(self, last: bytes) -> None:
        """Send the last bytes, and close once the client has had time to read them.

        Closing at once, with bytes of the client unread, makes the kernel reset the connection, and
        the client may never see what was sent.
        """
        self.close_sent = True
        self._is_discarding = True
        self.stop_keepalive()
        if self.transport.is_closing():
            return
        self.transport.write(last)
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.read_paused = False
        self.transport.resume_reading()
        self.close_timer = self.loop.call_later(_DISCARD_SECONDS, self.transport.abort)


def _is_utf8(fragments: list[bytes]) -> bool:
    try:
        b"".join(fragments).decode()
    except UnicodeDecodeError:
        return False
    return True
