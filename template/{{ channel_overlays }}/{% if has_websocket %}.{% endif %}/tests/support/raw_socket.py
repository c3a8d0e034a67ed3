"""A client of the socket that sends bytes as they are, also those that no client would send."""

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from websockets.frames import Frame, Opcode

from tests.support.bots import Bot
from tests.support.chat_socket import PATH

_KEY = "dGhlIHNhbXBsZSBub25jZQ=="
_SECONDS = 5


def handshake(**headers: str) -> bytes:
    """Return the request that opens the socket; more headers by their names, `_` for `-`."""
    lines = [
        f"GET {PATH} HTTP/1.1",
        "Host: bot.test",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        f"Sec-WebSocket-Key: {_KEY}",
        *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join([*lines, "", ""]).encode()


def frame(opcode: int, data: bytes = b"", *, fin: bool = True) -> bytes:
    """Return a frame as a client sends it."""
    return Frame(Opcode(opcode), data, fin).serialize(mask=True)


def head(first: int, length: int, *, masked: bool = True) -> bytes:
    """Return the head of a frame, which need not be a good one."""
    mask = 0x80 if masked else 0
    if length < 126:
        return bytes((first, mask | length))
    if length < 65_536:
        return bytes((first, mask | 126)) + struct.pack("!H", length)
    return bytes((first, mask | 127)) + struct.pack("!Q", length)


class RawSocket:
    """One connection, from the bytes of its request on."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def answer(self) -> tuple[str, str]:
        """Return the status line and the headers of the answer to the handshake."""
        async with asyncio.timeout(_SECONDS):
            text = (await self.reader.readuntil(b"\r\n\r\n")).decode()
        status, _, headers = text.partition("\r\n")
        return status, headers.lower()

    async def frame(self) -> tuple[int, bytes]:
        """Return the opcode and the data of the next frame."""
        async with asyncio.timeout(_SECONDS):
            first, length = await self.reader.readexactly(2)
            if length == 126:
                (length,) = struct.unpack("!H", await self.reader.readexactly(2))
            return first & 0x0F, await self.reader.readexactly(length)

    async def close_code(self) -> int:
        """Return the code of the close frame, once the bot has ended the connection, too."""
        opcode, data = await self.frame()
        while opcode != Opcode.CLOSE:
            opcode, data = await self.frame()
        async with asyncio.timeout(_SECONDS):
            assert await self.reader.read() == b""
        code: int = struct.unpack("!H", data[:2])[0]
        return code


@asynccontextmanager
async def raw_socket(bot: Bot, **headers: str) -> AsyncIterator[RawSocket]:
    """Connect, and take the answer to the handshake and the `connected` event in."""
    async with raw_connection(bot) as socket:
        await socket.send(handshake(**headers))
        status, _ = await socket.answer()
        assert "101" in status
        assert b"connected" in (await socket.frame())[1]
        yield socket


@asynccontextmanager
async def raw_connection(bot: Bot) -> AsyncIterator[RawSocket]:
    """Connect, and say nothing."""
    reader, writer = await asyncio.open_connection("127.0.0.1", bot.port)
    try:
        yield RawSocket(reader, writer)
    finally:
        writer.transport.abort()
