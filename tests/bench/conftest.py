"""What the measurements share: the floor, a model, and a place for figures. See tools/bench.py."""

import asyncio
import functools
import json
import os
import resource
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import ParamSpec, TypeVar

import pytest
from tests.support.bot_folder import BOT_FOLDER
from tests.support.bots import BotProcess, until_ready

from tests.fire.whatsapp_drill import SECRET

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

# To see that all of it works, not to measure.
SHORT = bool(os.environ.get("BENCH_SHORT"))
_START_SECONDS = 60
_STOP_SECONDS = 20


Note = Callable[..., None]
StartFloor = Callable[[str], Awaitable[BotProcess]]
StartModel = Callable[[float], Awaitable[str]]


def within(
    seconds: float,
) -> Callable[[Callable[Arguments, Awaitable[Result]]], Callable[Arguments, Awaitable[Result]]]:
    """Fail a measurement that takes longer than so many seconds."""

    def bounded(
        measurement: Callable[Arguments, Awaitable[Result]],
    ) -> Callable[Arguments, Awaitable[Result]]:
        @functools.wraps(measurement)
        async def run(*arguments: Arguments.args, **named: Arguments.kwargs) -> Result:
            async with asyncio.timeout(seconds):
                return await measurement(*arguments, **named)

        return run

    return bounded


@pytest.fixture(scope="session", autouse=True)
def enough_files() -> None:
    """One for each socket, on this side and in what is started."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


@pytest.fixture(scope="session")
def figure() -> Iterator[Note]:
    """Notes a figure in the file BENCH_FIGURES, at once: what comes after it may fail.

    `figure("name", "ms", 12.5, floor=3.0, target=15.0)`; floor and target are in the same unit, and
    the least is the best, but for `more_is_better=True`. tools/bench/figures.py reads it.
    """
    with Path(os.environ["BENCH_FIGURES"]).open("a", encoding="utf-8") as file:

        def note(name: str, unit: str, value: float, **beside: float | bool) -> None:
            print(json.dumps({"name": name, "unit": unit, "value": value, **beside}), file=file)
            file.flush()

        yield note


@pytest.fixture
async def start_floor(tmp_path: Path) -> AsyncIterator[StartFloor]:
    """Starts the floor before a model's address; it is measured as a bot is."""
    processes: list[subprocess.Popen[bytes]] = []

    async def start(model: str) -> BotProcess:
        log = tmp_path / f"floor-{len(processes)}.log"
        processes.append(_floor(model, log))
        return await until_ready(processes[-1], log)

    yield start
    for process in processes:
        process.kill()
        process.wait(_STOP_SECONDS)


@pytest.fixture
async def start_model() -> AsyncIterator[StartModel]:
    """Starts a model with a pause before each piece; returns its address. It ends with its input."""
    processes: list[subprocess.Popen[str]] = []

    async def start(pause: float) -> str:
        process = _model(pause)
        processes.append(process)
        assert process.stdout is not None
        async with asyncio.timeout(_START_SECONDS):
            return (await asyncio.to_thread(process.stdout.readline)).strip()

    yield start
    for process in processes:
        process.kill()
        process.wait(_STOP_SECONDS)


def _floor(model: str, log: Path) -> "subprocess.Popen[bytes]":
    with log.open("wb") as stream:
        return subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("floor.py")), model],
            env={**os.environ, "WHATSAPP_APP_SECRET": SECRET},
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
        )


def _model(pause: float) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "tests.bench.model", str(pause)],
        cwd=BOT_FOLDER,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
