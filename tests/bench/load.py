"""Chats at once, each turn of them timed, and what they cost the process that answers."""

import asyncio
import json
import os
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.support.bots import BotProcess
from websockets.asyncio.client import ClientConnection

from tests.bench.conftest import SHORT
from tests.bench.model import ANSWER
from tests.fire.chats import opened

_TICKS = os.sysconf("SC_CLK_TCK")
_WARM_UP = 1 if SHORT else 3


@dataclass(frozen=True, slots=True)
class Turn:
    """Seconds from the question to the first token, and to the end."""

    first_token: float
    whole: float


@dataclass(frozen=True, slots=True)
class Load:
    """What was measured: `cpu` is what the process used for all turns, in seconds."""

    turns: Sequence[Turn]
    seconds: float
    cpu: float

    @property
    def answers_per_second(self) -> float:
        return len(self.turns) / self.seconds

    @property
    def cpu_milliseconds(self) -> float:
        return self.cpu / len(self.turns) * 1000

    def first_token(self, percent: int) -> float:
        """Return a percentile, in milliseconds."""
        return percentile([turn.first_token * 1000 for turn in self.turns], percent)


def percentile(values: Sequence[float], percent: int) -> float:
    """Return the value that so many percent of the values do not exceed."""
    if len(values) == 1:
        return values[0]
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


async def load(
    bot: BotProcess,
    *,
    chats: int,
    turns: int,
    ramp: float = 0.0,
    goes_on: bool = True,
    warm: asyncio.Event | None = None,
) -> Load:
    """Have so many chats talk at once, their beginnings spread over `ramp` seconds.

    Each asks its next question when it has its answer; with `goes_on` in the same chat. Before, one of them
    warms the bot up; `warm` is set when that is over.
    """
    connections = await asyncio.gather(*(opened(bot) for _ in range(chats)))
    try:
        for number in range(_WARM_UP):
            await _turn(connections[0], f"warm_{number}", {})
        if warm is not None:
            warm.set()
        cpu, began = cpu_of(bot), time.perf_counter()
        talks = (
            _talk(connection, f"user_{number}", turns, ramp * number / chats, goes_on)
            for number, connection in enumerate(connections)
        )
        done = [turn for talk in await asyncio.gather(*talks) for turn in talk]
        return Load(done, time.perf_counter() - began, cpu_of(bot) - cpu)
    finally:
        for connection in connections:
            connection.transport.abort()


def cpu_of(bot: BotProcess) -> float:
    """Return the seconds of processor that the process has used."""
    fields = Path(f"/proc/{bot.process.pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


async def _talk(
    connection: ClientConnection, user_id: str, turns: int, pause: float, goes_on: bool
) -> list[Turn]:
    await asyncio.sleep(pause)
    ids: dict[str, str] = {}
    done = []
    for _ in range(turns):
        done.append(await _turn(connection, user_id, ids if goes_on else {}))
    return done


async def _turn(connection: ClientConnection, user_id: str, ids: dict[str, str]) -> Turn:
    """Ask, check that every piece of the answer came, and note the ids of the chat."""
    question = {"user_id": user_id, "question": "Hello!", "stream": True, **ids}
    began = time.perf_counter()
    first = 0.0
    text = ""
    await connection.send(json.dumps(question))
    while True:
        event = json.loads(await connection.recv())
        match event["type"]:
            case "token":
                first = first or time.perf_counter()
                text += event["delta"]
            case "end":
                ended = time.perf_counter()
                break
            case "error":
                raise AssertionError(event)
    assert text == event["full_text"] == ANSWER
    ids.update({name: event[name] for name in ("chat_id", "session_id") if name in event})
    return Turn(first - began, ended - began)
