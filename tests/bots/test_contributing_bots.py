"""Bots with the changes that CONTRIBUTING.md walks through: their tests fail before, and pass after."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from bot_environment import PYTHON
from rendering import render
from walks import Walk, walk

LIMIT_SECONDS = 120
ANSWERS = {"channels": ["rest"], "tracing": False, "language": "en"}
# The test that the walk writes first.
FIRST = {
    1: ("tests/unit/test_question_check.py", "what_cannot_be_answered"),
    2: ("tests/e2e/test_operations.py", "documentation_of_the_api"),
}


@pytest.mark.parametrize("number", FIRST)
def test_the_first_test_fails_until_the_walk_is_done(
    number: int, template: Path, tmp_path: Path
) -> None:
    file, words = FIRST[number]
    whole = walk(number)
    assert whole.changes[0].file == f"template/{file}"
    beginning = Walk("", tuple(c for c in whole.changes if c.file == f"template/{file}"), ())
    outcomes = {}
    for name, part in (("begun", beginning), ("done", whole)):
        changed = shutil.copytree(template, tmp_path / name / "template")
        part.make(changed)
        bot = render(changed, tmp_path / name / "bot", ANSWERS)
        outcomes[name] = outcome(bot, file, words)

    assert outcomes["begun"].returncode == 1, outcomes["begun"].stdout
    assert outcomes["done"].returncode == 0, outcomes["done"].stdout


def outcome(bot: Path, file: str, words: str) -> "subprocess.CompletedProcess[str]":
    """Run some of the bot's tests."""
    options = ["-q", "-n0", "-p", "no:cacheprovider", file, "-k", words]
    return subprocess.run(
        [str(PYTHON), "-m", "pytest", *options],
        cwd=bot,
        env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=LIMIT_SECONDS,
    )
