"""Puts a freshly made bot under load, faults and crashes: nox -s fire [-- -k sockets].

The tests of tests/fire go into the bot, and run there with the bot's own support for tests. What
they measured is in build/fire.md.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import copier

ROOT = Path(__file__).resolve().parent.parent
# All channels, so that each drill finds what it needs; the rest as most bots have it.
ANSWERS = {"channels": ["websocket", "rest", "whatsapp"], "language": "en"}


def bot_with_drills(bot: Path, *folders: str) -> None:
    """Make a bot that has these folders of tests/ among its own tests."""
    copier.run_copy(str(ROOT), bot, data=ANSWERS, defaults=True, quiet=True, vcs_ref="HEAD")
    for folder in folders:
        drills = ROOT / "tests" / folder
        shutil.copytree(drills, bot / "tests" / folder, ignore=shutil.ignore_patterns("*.pyc"))


def drill_command(folder: str, *options: str) -> list[str]:
    """Return the command that runs one of these folders in the bot's own folder."""
    # One after the other: they measure, and some take all there is.
    return [os.environ["BOT_PYTHON"], "-m", "pytest", "-n0", f"tests/{folder}", *options]


def main(*options: str) -> int:
    with tempfile.TemporaryDirectory(prefix="fire.") as name:
        bot = Path(name, "bot")
        bot_with_drills(bot, "fire")
        report = ROOT / "build" / "fire.md"
        report.parent.mkdir(exist_ok=True)
        environment = {**os.environ, "FIRE_REPORT": str(report)}
        command = drill_command("fire", *options)
        return subprocess.run(command, cwd=bot, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
