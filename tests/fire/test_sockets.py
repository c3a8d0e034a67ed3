"""Many sockets, clients that do not read, floods, and how soon a model call ends."""

import asyncio
import json
import os
import resource
import statistics
import time

import pytest
from tests.support.bedrock_fake import BedrockFake, Ending, Reply
from tests.support.bots import Bot
from tests.support.chat_socket import chat_socket
from tests.support.raw_socket import RawSocket, frame, handshake, head, raw_connection, raw_socket
from tests.support.waiting import eventually
from websockets.asyncio.client import ClientConnection

from tests.conftest import StartBot
from tests.fire.chats import KIB, OPEN, memory_of, opened, time_of_health, whole_turn
from tests.fire.conftest import Figures

SOCKETS = int(os.environ.get("FIRE_SOCKETS", "500"))
SLOW_READERS = int(os.environ.get("FIRE_SLOW_READERS", "50"))
ROUNDS = int(os.environ.get("FIRE_ROUNDS", "20"))


@pytest.fixture(autouse=True)
def enough_files() -> None:
    """One for each socket, on this side too."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


@pytest.mark.parametrize("compression", [None, "deflate"])
async def test_many_sockets_at_once_each_get_a_whole_turn_and_cost_little(
    compression: str | None, start_bot: StartBot, figures: Figures
) -> None:
    bot = await start_bot(**OPEN)
    for _ in range(3):
        warm = await opened(bot)
        assert await whole_turn(warm, "warm")
        await warm.close()
    before = memory_of(bot)
    connections = await asyncio.gather(*(opened(bot, compression) for _ in range(SOCKETS)))
    await asyncio.sleep(1)
    each = (memory_of(bot) - before) / SOCKETS / KIB
    began = time.monotonic()
    turns = await asyncio.gather(*(whole_turn(c, f"user_{i}") for i, c in enumerate(connections)))
    seconds = time.monotonic() - began
    offer = "with compression offered" if compression else "without compression"
    figures(
        f"sockets at once, {offer}",
        cases=SOCKETS,
        passed=sum(turns),
        figure=f"{each:.1f} KiB for each idle one; all turns in {seconds:.1f} s",
    )
    await asyncio.gather(*(connection.close() for connection in connections))
    assert all(turns)
    assert each <= 35


async def test_clients_that_do_not_read_hold_nobody_up(
    start_bot: StartBot, bedrock: BedrockFake, figures: Figures
) -> None:
    bedrock.always(Reply(text=["x" * 2_000] * 2_000))
    bot = await start_bot(
        LLM_PROVIDER="bedrock", AWS_ENDPOINT_URL_BEDROCK_RUNTIME=bedrock.url, **OPEN
    )
    before = memory_of(bot)
    async with asyncio.TaskGroup() as group:
        silent = [group.create_task(_asks_and_does_not_read(bot, i)) for i in range(SLOW_READERS)]
    await asyncio.sleep(3)
    grown = (memory_of(bot) - before) / KIB / KIB
    bedrock.always(Reply())
    began = time.monotonic()
    async with chat_socket(bot) as socket:
        events = await asyncio.wait_for(socket.ask("eva", "Hello!"), 10)
    answered = time.monotonic() - began
    began = time.monotonic()
    code = await bot.stop()
    stopped = time.monotonic() - began
    figures(
        "clients that do not read",
        cases=1,
        passed=int(events[-1]["type"] == "end"),
        figure=f"{SLOW_READERS} do not: {grown:.0f} MiB, another answered in {answered:.2f} s, stopped in {stopped:.1f} s",
    )
    for task in silent:
        task.result().writer.transport.abort()
    assert events[-1]["type"] == "end"
    # An answer of 4 MB, which is far above what a model writes: no more than it is kept.
    assert grown / SLOW_READERS < 6
    assert code == 0
    assert stopped < 30
    assert '"level": "error"' not in bot.log()


async def _asks_and_does_not_read(bot: Bot, number: int) -> RawSocket:
    reader, writer = await asyncio.open_connection("127.0.0.1", bot.port, limit=1024)
    socket = RawSocket(reader, writer)
    await socket.send(handshake())
    await socket.answer()
    transport = writer.transport
    assert isinstance(transport, asyncio.Transport)
    transport.pause_reading()
    question = {"user_id": f"slow_{number}", "question": "Hello!", "stream": True}
    await socket.send(frame(1, json.dumps(question).encode()))
    return socket


FLOODS = {
    "pings": (frame(9, b"x" * 125), 20_000),
    "pongs": (frame(10), 20_000),
    "fragments": (frame(0, b"", fin=False), 20_000),
    "no json": (frame(1, b"x"), 2_000),
    "frame of 64 MB": (head(0x81, 64_000_000) + bytes(4), 1),
}


@pytest.mark.parametrize("name", FLOODS)
async def test_a_flood_is_cut_off_and_costs_no_memory(
    name: str, start_bot: StartBot, figures: Figures
) -> None:
    unit, times = FLOODS[name]
    start = frame(1, b"", fin=False) if name == "fragments" else b""
    tail = bytes(64_000_000) if name == "frame of 64 MB" else b""
    bot = await start_bot(**OPEN)
    before = memory_of(bot)
    codes = []
    for _ in range(10):
        async with raw_socket(bot) as socket:
            sending = asyncio.create_task(socket.send(start + unit * times + tail))
            codes.append(await socket.close_code())
            await asyncio.wait({sending}, timeout=5)
    grown = (memory_of(bot) - before) / KIB / KIB
    expected = 1009 if tail else 1008
    figures(
        f"flood of {name}",
        cases=10,
        passed=codes.count(expected),
        figure=f"closed with {expected}, {grown:.1f} MiB",
    )
    assert codes == [expected] * 10
    assert grown < 20
    assert '"level": "error"' not in bot.log()


async def test_half_open_connections_end_by_themselves(
    start_bot: StartBot, figures: Figures
) -> None:
    bot = await start_bot(**OPEN)
    began = time.monotonic()

    async def half_open() -> float:
        async with raw_connection(bot) as socket:
            await socket.send(b"GET /health HTTP/1.1\r\nHost: b")
            await asyncio.wait_for(socket.reader.read(), 30)
            return time.monotonic() - began

    ended = await asyncio.gather(*(half_open() for _ in range(200)))
    figures(
        "half-open connections",
        cases=200,
        passed=sum(seconds < 15 for seconds in ended),
        figure=f"ended after {max(ended):.1f} s",
    )
    assert max(ended) < 15


async def test_health_answers_at_once_while_many_chats_stream(
    start_bot: StartBot, bedrock: BedrockFake, figures: Figures
) -> None:
    bedrock.always(Reply(text=["piece "] * 200, pause=0.02))
    bot = await start_bot(
        LLM_PROVIDER="bedrock", AWS_ENDPOINT_URL_BEDROCK_RUNTIME=bedrock.url, **OPEN
    )
    connections = [await opened(bot) for _ in range(50)]

    async def talk(number: int, connection: ClientConnection) -> bool:
        turns = [await whole_turn(connection, f"user_{number}", stream=True) for _ in range(8)]
        return all(turns)

    talking = asyncio.gather(*(talk(i, c) for i, c in enumerate(connections)))
    await asyncio.sleep(1)
    took = await time_of_health(bot)
    assert not talking.done()
    talking.cancel()
    p99 = statistics.quantiles(took, n=100)[98]
    figures(
        "/health with 50 chats streaming",
        cases=len(took),
        passed=sum(t <= 15 for t in took),
        figure=f"median {statistics.median(took):.1f} ms, p99 {p99:.1f} ms",
    )
    for connection in connections:
        connection.transport.abort()
    assert p99 <= 15


@pytest.mark.parametrize("how", ["cancel", "close", "vanish"])
async def test_who_gives_up_ends_the_model_call_within_a_second(
    how: str, start_bot: StartBot, bedrock: BedrockFake, figures: Figures
) -> None:
    bot = await start_bot(
        LLM_PROVIDER="bedrock", AWS_ENDPOINT_URL_BEDROCK_RUNTIME=bedrock.url, **OPEN
    )
    took = []
    for number in range(ROUNDS):
        bedrock.will(Reply(text=("first",), ending=Ending.SILENCE))
        connection = await opened(bot)
        question = {"user_id": f"user_{number}", "question": "Hello!", "stream": True}
        await connection.send(json.dumps(question))
        while json.loads(await connection.recv())["type"] != "token":
            continue
        began = time.monotonic()
        if how == "cancel":
            await connection.send(json.dumps({"type": "cancel"}))
        elif how == "close":
            await connection.close()
        else:
            connection.transport.abort()
        await eventually(lambda: bedrock.requests[-1].aborted)
        took.append(time.monotonic() - began)
        await connection.close()
    figures(
        f"model call ended by {how}",
        cases=ROUNDS,
        passed=sum(t < 1 for t in took),
        figure=f"at most {max(took) * 1000:.0f} ms",
    )
    assert max(took) < 1
