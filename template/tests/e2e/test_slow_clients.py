"""Clients that send too slowly, or too much, before there is a request."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from tests.support.bots import Bot, BotInside
from tests.support.logs import LogLines

HEAD = b"GET /health HTTP/1.1\r\nHost: bot.test\r\n"

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@pytest.fixture
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same behaviour in less time."""
    monkeypatch.setattr("interface.http_protocol.HEAD_SECONDS", 0.15)
    monkeypatch.setattr("interface.http_protocol.BODY_SECONDS", 0.15)


@asynccontextmanager
async def connection(bot: Bot) -> AsyncIterator[Streams]:
    reader, writer = await asyncio.open_connection("127.0.0.1", bot.port)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"GET /hea", id="half-a-request-line"),
        pytest.param(HEAD, id="no-end-of-the-headers"),
        pytest.param(
            b"POST /no/such/path HTTP/1.1\r\nHost: bot.test\r\nContent-Length: 9\r\n\r\n{",
            id="half-a-body",
        ),
        pytest.param(HEAD + b"\r\n" + HEAD, id="half-a-second-request"),
    ],
)
async def test_a_request_that_does_not_come_to_its_end_ends_its_connection(
    sent: bytes, hurry: None, bot: BotInside, logs: LogLines
) -> None:
    async with connection(bot) as (reader, writer):
        writer.write(sent)
        async with asyncio.timeout(20):
            received = await reader.read()
    assert received.rpartition(b"HTTP/1.1 ")[2][:3] in (b"408", b"404")
    assert '"level": "error"' not in logs.text()


async def test_a_connection_between_two_requests_is_kept(hurry: None, bot: BotInside) -> None:
    async with connection(bot) as (reader, writer):
        for _ in range(2):
            writer.write(HEAD + b"\r\n")
            async with asyncio.timeout(20):
                assert b"200" in await reader.readuntil(b"\r\n\r\n")
                await reader.readuntil(b"}")
            await asyncio.sleep(0.25)


async def test_headers_without_end_are_refused(bot: BotInside) -> None:
    async with connection(bot) as (reader, writer):
        writer.write(HEAD)
        for number in range(100):
            writer.write(b"X-%d: " % number + b"x" * 1_000 + b"\r\n")
        async with asyncio.timeout(20):
            assert b"431" in await reader.read(100)


async def test_connections_over_the_limit_are_closed_and_the_others_go_on(
    bot: BotInside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("interface.http_protocol.MAX_CONNECTIONS", 1)
    async with httpx.AsyncClient(base_url=bot.url) as http:
        assert (await http.get("/health")).status_code == 200
        async with connection(bot) as (reader, writer):
            with pytest.raises(ConnectionError):
                writer.write(HEAD + b"\r\n")
                async with asyncio.timeout(20):
                    if await reader.read() == b"":
                        raise ConnectionResetError
        assert (await http.get("/health")).status_code == 200
