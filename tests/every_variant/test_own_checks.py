"""Every variant passes its own type checker and import rules."""

from pathlib import Path

import pytest

from bot_environment import PYTHON
from every_variant.commands import run
from every_variant.workspace import Workspace

LIMIT_SECONDS = 300


@pytest.fixture
def checked(workspace: Workspace, bot: Path) -> Path:
    """The bot, in a folder whose caches know what it shares with the one before."""
    return workspace.become(bot)


def test_types(checked: Path) -> None:
    run(checked, str(PYTHON.with_name("mypy")), limit_seconds=LIMIT_SECONDS)


def test_layers(checked: Path) -> None:
    run(checked, str(PYTHON.with_name("lint-imports")), limit_seconds=LIMIT_SECONDS)
