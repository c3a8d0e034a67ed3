"""A conflict on purpose: reported, and then finished or rolled back, as an owner does it."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from drills.changes import CHANGES
from drills.drill import by_copier, text_of_files
from drills.edits import EDITS, VARIANT
from drills.ground import Ground, with_change
from releases import NEXT, Repository
from tools.release import tag

LIMIT = next(each for each in EDITS if each.name == "limit-lowered")
RENAMED = with_change(next(change for change in CHANGES if change.name == "setting-renamed"))
OURS = "RATE_LIMIT_PER_MINUTE=20"


@pytest.fixture
def bot(ground: Ground, tmp_path: Path) -> Path:
    """A bot whose owner changed a line that the release changes, too."""
    edited = ground.edited(NEXT, VARIANT, (LIMIT,)).edited.path
    return shutil.copytree(edited, tmp_path / "bot")


def run(bot: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run the bot's script as its owner does."""
    command = [sys.executable, "-m", "scripts.template_update", *arguments]
    return subprocess.run(command, cwd=bot, capture_output=True, text=True)


def test_it_is_reported_and_can_be_finished(bot: Path) -> None:
    merged = run(bot, "--vcs-ref", tag(RENAMED))

    assert merged.returncode == 1
    assert "Conflict in .env-template:" in merged.stderr
    unsettled = run(bot, "--finish")
    assert unsettled.returncode == 1
    assert "Conflict in .env-template:" in unsettled.stderr

    file = bot / ".env-template"
    ours = r"<{7}.*?\n(.*?)={7}\n.*?>{7}.*?\n"
    file.write_text(re.sub(ours, r"\1", file.read_text("utf-8"), flags=re.S), "utf-8", newline="\n")
    finished = run(bot, "--finish")

    assert finished.returncode == 0, finished.stderr
    assert Repository(bot).git("status", "--porcelain") == ""
    assert OURS in file.read_text("utf-8")
    assert f"_commit: {tag(RENAMED)}" in (bot / ".copier-answers.yml").read_text("utf-8")


def test_it_can_be_rolled_back(bot: Path) -> None:
    before, head = text_of_files(bot), Repository(bot).git("rev-parse", "HEAD")
    run(bot, "--vcs-ref", tag(RENAMED))

    done = run(bot, "--rollback")

    assert done.returncode == 0, done.stderr
    assert text_of_files(bot) == before
    assert Repository(bot).git("rev-parse", "HEAD") == head
    assert Repository(bot).git("status", "--porcelain") == ""
    assert Repository(bot).git("tag") == ""


def test_plain_copier_marks_it_and_says_nothing(bot: Path) -> None:
    assert by_copier(bot, tag(RENAMED)).code == 0
    assert f"<<<<<<< before updating\n{OURS}\n=======" in (bot / ".env-template").read_text("utf-8")
    assert Repository(bot).git("diff", "--name-only", "--diff-filter=U").split() == [
        ".env-template"
    ]
