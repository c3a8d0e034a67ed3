"""Bots with a sixth preset pass their own checks and tests."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from bot_environment import PYTHON
from every_variant.workspace import Workspace
from rendering import render
from toy_preset import add_toy_preset
from variants import choices

LIMIT_SECONDS = 900
# Beside the language in which all tests run.
TESTS_THAT_DIFFER_BY_PRESET = ("tests/unit", "tests/graph", "tests/evals")
CHECKS = ("ruff check --no-cache", "ruff format --check --no-cache", "mypy", "lint-imports")


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A folder that becomes one bot after the other."""
    return Workspace(tmp_path_factory.mktemp("workspace"))


@pytest.mark.parametrize("language", choices("language"))
def test_a_sixth_preset_answers_and_passes_its_checks_and_tests(
    template: Path, language: str, workspace: Workspace, tmp_path: Path
) -> None:
    extended = shutil.copytree(template, tmp_path / "template")
    add_toy_preset(extended)
    bot = render(extended, tmp_path / "bot", {"graph_preset": "toy", "language": language})
    # As the owner has it who follows the README.
    shutil.copy(bot / ".env-template", bot / ".env")

    checked = workspace.become(bot)
    for check in CHECKS:
        run(checked, *check.split())
    tests = () if language == choices("language")[0] else TESTS_THAT_DIFFER_BY_PRESET
    run(bot, "python", "-m", "pytest", "-q", "-n2", "-p", "no:cacheprovider", *tests)


def run(bot: Path, tool: str, *arguments: str) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [str(PYTHON.with_name(tool)), *arguments],
        cwd=bot,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=LIMIT_SECONDS,
    )
    assert done.returncode == 0, done.stdout[-8000:]
