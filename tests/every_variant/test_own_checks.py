"""Every variant passes its own type checker and import rules."""

import os
import subprocess
from pathlib import Path

import pytest

from bot_environment import PYTHON
from every_variant.workspace import Workspace

LIMIT_SECONDS = 300


@pytest.fixture
def checked(workspace: Workspace, bot: Path) -> Path:
    """The bot, in a folder whose caches know what it shares with the one before."""
    return workspace.become(bot)


def test_types(checked: Path) -> None:
    run(checked, "mypy")


def test_layers(checked: Path) -> None:
    run(checked, "lint-imports")


def run(bot: Path, tool: str) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [str(PYTHON.with_name(tool))],
        cwd=bot,
        env=environment,
        capture_output=True,
        text=True,
        timeout=LIMIT_SECONDS,
    )
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
