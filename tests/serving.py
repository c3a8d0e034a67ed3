"""A rendered bot as a process, and Node beside it."""

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot_environment import PYTHON

START_SECONDS = 60
STOP_SECONDS = 60


@contextmanager
def serving(bot: Path, settings: Mapping[str, str]) -> Iterator[str]:
    """Run the bot with these settings over those of its `.env-template`; yields its address."""
    shutil.copy(bot / ".env-template", bot / ".env")
    # A file: what it logs would fill a pipe, and hold it up.
    log = bot.with_name(f"{bot.name}.log")
    with log.open("wb") as written:
        process = subprocess.Popen(
            [str(PYTHON), "main.py"],
            cwd=bot,
            env={**os.environ, "PORT": "0", **settings},
            stderr=written,
        )
    try:
        yield _address(process, log)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(STOP_SECONDS)


def _address(process: "subprocess.Popen[bytes]", log: Path) -> str:
    """Return the address that the log names, once it does."""
    give_up_at = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < give_up_at:
        for line in log.read_text("utf-8").splitlines(keepends=True):
            if '"listening"' in line and line.endswith("\n"):
                return str(json.loads(line)["url"])
        time.sleep(0.05)
    process.kill()
    pytest.fail(log.read_text("utf-8"))


def find_node() -> str:
    """Return where Node is; without it the test fails."""
    node = shutil.which("node")
    if node is None:
        pytest.fail("there is no node: install Node 22 or newer, which the clients are tested with")
    return node
