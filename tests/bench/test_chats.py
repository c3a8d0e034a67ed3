"""Many chats at once over the socket, with Bedrock's wire behind the bot and behind the floor.

The model of a second gives 30 pieces, the first after 33 ms and the last after 1 s; the other one
gives them at once, so that what a turn costs is all the bot's.
"""

import asyncio

from tests.support.bots import BotProcess

from tests.bench.conftest import SHORT, Note, StartFloor, StartModel, within
from tests.bench.load import load, percentile
from tests.bench.model import PIECES
from tests.conftest import StartBot
from tests.fire.chats import KIB, OPEN, memory_of, opened, time_of_health

_A_SECOND = 1 / len(PIECES)
_CHATS, _TURNS = (10, 2) if SHORT else (100, 6)
_ROUNDS, _TURNS_OF_A_ROUND = (1, 3) if SHORT else (3, 20)
_STREAMING = 5 if SHORT else 50
_HEALTHS = 50 if SHORT else 500
_SOCKETS = 50 if SHORT else 500
# Read and write requests of a turn in a new chat, and what each may cost (docs/decisions/0005).
_TABLE_REQUESTS, _MILLISECONDS_OF_A_REQUEST = 3, 1.7
# What ten times a constant answer in 30 events comes to beside a floor that also reads the model's wire.
_TIMES_FLOOR = 2.4


async def started(
    model: str, start_bot: StartBot, start_floor: StartFloor
) -> tuple[BotProcess, BotProcess]:
    """Return the floor and the bot, both before the same model."""
    settings = {"LLM_PROVIDER": "bedrock", "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": model}
    return await start_floor(model), await start_bot(**settings, **OPEN)


@within(180)
async def test_a_hundred_chats_at_once(
    start_bot: StartBot, start_floor: StartFloor, start_model: StartModel, figure: Note
) -> None:
    subjects = await started(await start_model(_A_SECOND), start_bot, start_floor)
    floor, bot = [await load(s, chats=_CHATS, turns=_TURNS, ramp=1) for s in subjects]
    figure(
        f"answers a second, {_CHATS} chats at once, model of 1 s",
        "/s",
        bot.answers_per_second,
        floor=floor.answers_per_second,
        target=floor.answers_per_second * 0.99,
        more_is_better=True,
    )
    for percent, overhead in ((50, 75), (95, 75), (99, 125)):
        least = floor.first_token(percent)
        name = f"first token p{percent}, {_CHATS} chats at once"
        figure(name, "ms", bot.first_token(percent), floor=least, target=least + overhead)
    name = f"CPU of a turn, {_CHATS} chats at once, model of 1 s"
    figure(name, "ms", bot.cpu_milliseconds, floor=floor.cpu_milliseconds)


@within(180)
async def test_cpu_of_a_turn(
    start_bot: StartBot, start_floor: StartFloor, start_model: StartModel, figure: Note
) -> None:
    subjects = await started(await start_model(0), start_bot, start_floor)
    rounds = [
        [await load(s, chats=10, turns=_TURNS_OF_A_ROUND, goes_on=False) for s in subjects]
        for _ in range(_ROUNDS)
    ]
    floor, bot = (
        percentile([measured.cpu_milliseconds for measured in of_one], 50)
        for of_one in zip(*rounds, strict=True)
    )
    target = _TIMES_FLOOR * floor + _TABLE_REQUESTS * _MILLISECONDS_OF_A_REQUEST
    figure("CPU of a turn, model of 0 s, 30 events", "ms", bot, floor=floor, target=target)


@within(120)
async def test_health_while_many_chats_stream(
    start_bot: StartBot, start_floor: StartFloor, start_model: StartModel, figure: Note
) -> None:
    subjects = await started(await start_model(_A_SECOND), start_bot, start_floor)
    floor, bot = [percentile(await _health_of(subject), 99) for subject in subjects]
    name = f"/health p99 while {_STREAMING} chats stream"
    figure(name, "ms", bot, floor=floor, target=15.0)


async def _health_of(subject: BotProcess) -> list[float]:
    warm = asyncio.Event()
    streaming = asyncio.create_task(load(subject, chats=_STREAMING, turns=60, ramp=0.5, warm=warm))
    try:
        await warm.wait()
        # Until all of them stream.
        await asyncio.sleep(1)
        took = await time_of_health(subject, _HEALTHS)
        assert not streaming.done(), streaming.result()
    finally:
        streaming.cancel()
        await asyncio.wait({streaming})
    return took


@within(120)
async def test_memory_of_an_idle_socket(
    start_bot: StartBot, start_floor: StartFloor, start_model: StartModel, figure: Note
) -> None:
    subjects = await started(await start_model(0), start_bot, start_floor)
    floor, bot = [await _memory_of_a_socket(subject) for subject in subjects]
    name = f"memory of an idle socket, of {_SOCKETS} that offer compression"
    figure(name, "KiB", bot, floor=floor, target=35.0)


async def _memory_of_a_socket(subject: BotProcess) -> float:
    # What the first turns and sockets bring into memory stays, however many follow.
    await load(subject, chats=5, turns=2)
    before = memory_of(subject)
    connections = await asyncio.gather(*(opened(subject, "deflate") for _ in range(_SOCKETS)))
    await asyncio.sleep(1)
    each = (memory_of(subject) - before) / _SOCKETS / KIB
    for connection in connections:
        connection.transport.abort()
    return each
