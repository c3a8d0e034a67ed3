"""The bot, running: inside the tests' process, which is fast, or as a process of its own."""

import asyncio
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx

from app.core.settings_owner import OwnerSettings
from app.dependency_injection.application_container import ApplicationContainer
from interface.application import create_application
from interface.server import Server
from tests.support.bot_folder import BOT_FOLDER
from tests.support.plain_container import make_plain

_START_SECONDS = 60
_STOP_SECONDS = 40


class Bot:
    """A bot that serves; `url` has no slash at the end."""

    # How soon, at most, it ends a model call that a client no longer wants.
    gives_up_within_seconds = 1.0

    def __init__(self, port: int) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}"


class BotInside(Bot):
    """The bot behind its own web server, in a thread of the tests' process, as a plain agent."""

    def __init__(self, settings: Mapping[str, str]) -> None:
        self.container = ApplicationContainer(settings=_settings(settings))
        make_plain(self.container)
        self.app = create_application(self.container)
        self._server = Server(self.container, self.app)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        _wait(lambda: self._server.gate.is_open or not self._thread.is_alive(), _START_SECONDS)
        assert self._server.gate.is_open, "the bot did not start; its error is in the output"
        super().__init__(self._server.servers[0].sockets[0].getsockname()[1])

    def ask_to_stop(self) -> None:
        """What a signal does in a process of its own."""
        self._server.should_exit = True

    def stop(self) -> None:
        """Stop as after a signal: running turns end, then the bot's parts."""
        self.ask_to_stop()
        self._thread.join(_STOP_SECONDS)
        assert not self._thread.is_alive()

    def _serve(self) -> None:
        with asyncio.Runner(loop_factory=self._server.config.get_loop_factory()) as runner:
            runner.run(self._server.serve())


class BotsInside:
    """Keeps one bot of this process running, and replaces it when other settings are asked for."""

    def __init__(self, settings: Mapping[str, str]) -> None:
        self._common = dict(settings)
        self._settings: dict[str, str] | None = None
        self._bot: BotInside | None = None

    def __call__(self, **settings: str) -> BotInside:
        """Return the bot with these settings; the running one, if it has them."""
        if self._bot is None or self._settings != settings:
            self.stop()
            self._bot = BotInside({**self._common, **settings})
            self._settings = settings
        return self._bot

    @contextmanager
    def of_its_own(self, **settings: str) -> Iterator[BotInside]:
        """Run a bot beside the other one, for a test that stops it or changes its parts."""
        bot = BotInside({**self._common, **settings})
        try:
            yield bot
        finally:
            bot.stop()

    @contextmanager
    def replicas(self, **settings: str) -> Iterator[tuple[BotInside, BotInside]]:
        """Run two bots on one table."""
        with self.of_its_own(**settings) as first, self.of_its_own(**settings) as second:
            yield first, second

    def stop(self) -> None:
        """Stop the bot that runs, if one does."""
        bot, self._bot = self._bot, None
        if bot is not None:
            bot.stop()


class BotProcess(Bot):
    """`python main.py`, started and ended by its process id."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path, port: int) -> None:
        super().__init__(port)
        self.process = process
        self._log = log

    def log(self) -> str:
        """Return what the process wrote so far."""
        return self._log.read_text("utf-8")

    async def stop(self) -> int:
        """Ask the process to end, and return its exit code."""
        self.process.terminate()
        return await asyncio.to_thread(self.process.wait, _STOP_SECONDS)

    async def crash(self) -> None:
        """End the process without a warning."""
        self.process.kill()
        await asyncio.to_thread(self.process.wait, _STOP_SECONDS)


def launch(folder: Path, settings: Mapping[str, str]) -> tuple[subprocess.Popen[bytes], Path]:
    """Start `python main.py` in the folder; returns the process and the file of its output."""
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "bot.log"
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [sys.executable, str(BOT_FOLDER / "main.py")],
            cwd=folder,
            env={**os.environ, **settings},
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
        )
    return process, log


async def until_ready(process: subprocess.Popen[bytes], log: Path) -> BotProcess:
    """Return the bot once it answers that it is ready."""
    deadline = time.monotonic() + _START_SECONDS
    while (port := _listening_port(log)) is None:
        alive = process.poll() is None and time.monotonic() < deadline
        assert alive, await asyncio.to_thread(log.read_text, "utf-8")
        await asyncio.sleep(0.05)
    bot = BotProcess(process, log, port)
    async with httpx.AsyncClient() as http:
        response = await http.get(f"{bot.url}/ready")
    assert response.status_code == 200, response.text
    return bot


def _settings(values: Mapping[str, str]) -> OwnerSettings:
    return OwnerSettings.model_validate({name.lower(): value for name, value in values.items()})


def _listening_port(log: Path) -> int | None:
    """Return the port that the bot's own log line names."""
    for line in log.read_text("utf-8").splitlines():
        if '"listening"' in line:
            return int(json.loads(line)["url"].rpartition(":")[2])
    return None


def _wait(is_over: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not is_over():
        assert time.monotonic() < deadline
        time.sleep(0.005)
