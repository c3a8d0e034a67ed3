"""What makes the drills fast leaves every byte as it is."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from drills.drill import COPIER, WAYS
from drills.edits import EDITS, VARIANT, Edit
from drills.ground import EVERY_CHANGE, Ground
from releases import NEXT, Repository
from tools.release import tag

COMMANDS = {
    COPIER: ["copier", "update", "--defaults", "--quiet"],
    "template_update": ["scripts.template_update"],
}
TIME = re.compile(r"before-template-update-[\d-]+")


def state(bot: Path) -> tuple[dict[str, tuple[int, bytes]], str, str]:
    """Return every file with its mode, and what git says of them all."""
    git = Repository(bot).git
    names = git("ls-files", "-z", "--cached", "--others").split("\0")
    files = {
        name: (path.stat().st_mode, path.read_bytes())
        for name in names
        if (path := bot / name).is_file() and path.parent.name != "__pycache__"
    }
    return files, git("status", "--porcelain"), git("ls-files", "--stage")


def lines(said: str) -> list[str]:
    """Return what was said, whichever of the two outputs it went to first."""
    return sorted(TIME.sub("", said).splitlines())


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("edits", [(), EDITS], ids=["untouched", "edited"])
def test_a_hastened_update_is_a_plain_one(
    ground: Ground, tmp_path: Path, way: str, edits: tuple[Edit, ...]
) -> None:
    bot = ground.edited(NEXT, VARIANT, edits)
    plain = shutil.copytree(bot.edited.path, tmp_path / "bot")
    command = [sys.executable, "-m", *COMMANDS[way], "--vcs-ref", tag(EVERY_CHANGE)]
    done = subprocess.run(command, cwd=plain, capture_output=True, text=True)

    # Twice: what is kept from the first time is used in the second.
    for _ in range(2):
        with ground.updated(bot, EVERY_CHANGE, way, VARIANT) as hastened:
            assert state(hastened.path) == state(plain)
            assert hastened.said.code == done.returncode
            if way != COPIER:
                assert lines(hastened.said.text) == lines(done.stdout + done.stderr)
