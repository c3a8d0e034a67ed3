"""Runs commands in a bot's folder as its owner would: knowing nothing of these tests."""

import os
import subprocess
from pathlib import Path

_HIDDEN = {"PYTHONPATH", "TEST_DYNAMODB_ENDPOINT", "VIRTUAL_ENV"}


def run(bot: Path, *command: str, limit_seconds: float) -> None:
    """Run a command; its output is the message if it fails."""
    done = subprocess.run(
        command,
        cwd=bot,
        env={name: value for name, value in os.environ.items() if name not in _HIDDEN},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=limit_seconds,
    )
    assert done.returncode == 0, done.stdout[-8000:]
