"""An HTTP/1.1 server down to its bytes: a test decides what is sent, when, and where it is cut."""

import asyncio
import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from tests.support.background_loop import BackgroundLoop


@dataclass(slots=True)
class WireRequest:
    """What a client sent; header names are in lower case. `aborted`: it left before the end."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    aborted: bool = field(default=False)


class Exchange:
    """The sending side of one request."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer

    async def send(self, data: bytes) -> None:
        """Send bytes as they are."""
        self._writer.write(data)
        await self._writer.drain()

    async def respond(
        self,
        status: int,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Send a whole response."""
        lines = {"content-length": str(len(body)), **(headers or {})}
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        await self.send(f"HTTP/1.1 {status} Status\r\n{head}\r\n".encode() + body)

    async def respond_json(
        self, status: int, value: Any, headers: Mapping[str, str] | None = None
    ) -> None:
        """Send a whole response with a JSON body."""
        lines = {"content-type": "application/json", **(headers or {})}
        await self.respond(status, json.dumps(value).encode(), lines)

    async def send_chunk(self, data: bytes) -> None:
        """Send a piece of a response with `transfer-encoding: chunked`; an empty one ends it."""
        await self.send(b"%x\r\n%s\r\n" % (len(data), data))

    def cut(self) -> None:
        """Drop the connection in the middle of whatever was being sent."""
        self._writer.transport.abort()


class WireServer(ABC):
    """Serves on a free port of this machine, in a thread of its own, and keeps every request."""

    def __init__(self) -> None:
        self.requests: list[WireRequest] = []
        self._background = BackgroundLoop()
        self._server = self._background.run(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.port: int = self._server.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def close(self) -> None:
        """Stop serving and drop every connection."""
        self._background.run(self._stop_listening())
        self._background.close()

    async def _stop_listening(self) -> None:
        # Not from another thread: the loop may be ending a connection of this server.
        self._server.close()

    @abstractmethod
    async def answer(self, request: WireRequest, exchange: Exchange) -> None:
        """Answer one request; cancelled when the client leaves."""

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        incoming = _Incoming()
        pump = asyncio.create_task(incoming.pump(reader))
        try:
            while request := await _read_request(incoming.bytes):
                self.requests.append(request)
                await self._answer_unless_aborted(request, incoming.closed, Exchange(writer))
        except asyncio.CancelledError:
            # The server closes; asyncio would print a traceback for each connection.
            return
        finally:
            pump.cancel()
            writer.close()

    async def _answer_unless_aborted(
        self, request: WireRequest, closed: asyncio.Event, exchange: Exchange
    ) -> None:
        answer = asyncio.create_task(self._answer(request, exchange))
        departure = asyncio.create_task(closed.wait())
        try:
            await asyncio.wait({answer, departure}, return_when=asyncio.FIRST_COMPLETED)
            request.aborted |= not answer.done()
        finally:
            answer.cancel()
            departure.cancel()
            await asyncio.wait({answer, departure})

    async def _answer(self, request: WireRequest, exchange: Exchange) -> None:
        try:
            await self.answer(request, exchange)
        except ConnectionError:
            request.aborted = True


class _Incoming:
    """What a client sends, read ahead, so that its departure is seen at once."""

    def __init__(self) -> None:
        self.bytes = asyncio.StreamReader()
        self.closed = asyncio.Event()

    async def pump(self, source: asyncio.StreamReader) -> None:
        with suppress(ConnectionError):
            while data := await source.read(65536):
                self.bytes.feed_data(data)
        self.bytes.feed_eof()
        self.closed.set()


async def _read_request(incoming: asyncio.StreamReader) -> WireRequest | None:
    """Return the next request of the connection, or None at its end."""
    try:
        head = (await incoming.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.split("\r\n")
        method, path, _ = first.split(" ")
        fields = [line.partition(":") for line in lines if line]
        headers = {name.lower(): value.strip() for name, _, value in fields}
        body = await incoming.readexactly(int(headers.get("content-length", "0")))
    except asyncio.IncompleteReadError:
        return None
    return WireRequest(method, path, headers, body)
