"""A rendered bot as a process, and Node beside it."""

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot_environment import PYTHON

STOP_SECONDS = 60


@contextmanager
def serving(bot: Path, settings: Mapping[str, str]) -> Iterator[str]:
    """Run the bot with these settings over those of its `.env-template`; yields its address."""
    shutil.copy(bot / ".env-template", bot / ".env")
    process = subprocess.Popen(
        [str(PYTHON), "main.py"],
        cwd=bot,
        env={**os.environ, "PORT": "0", **settings},
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    said: list[str] = []
    try:
        for line in process.stderr:
            said.append(line)
            if '"listening"' in line:
                yield json.loads(line)["url"]
                break
        else:
            pytest.fail("".join(said))
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=STOP_SECONDS)


def find_node() -> str:
    """Return where Node is; without it the test fails."""
    node = shutil.which("node")
    if node is None:
        pytest.fail("there is no node: install Node 22 or newer, which the clients are tested with")
    return node
