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
DRILLS = ROOT / "tests" / "fire"
# All channels, so that each drill finds what it needs; the rest as most bots have it.
ANSWERS = {"channels": ["websocket", "rest", "whatsapp"], "language": "en"}


def main(*options: str) -> int:
    with tempfile.TemporaryDirectory(prefix="fire.") as name:
        bot = Path(name, "bot")
        copier.run_copy(str(ROOT), bot, data=ANSWERS, defaults=True, quiet=True, vcs_ref="HEAD")
        shutil.copytree(DRILLS, bot / "tests" / "fire")
        report = ROOT / "build" / "fire.md"
        report.parent.mkdir(exist_ok=True)
        # One after the other: they measure, and some take all there is.
        command = [os.environ["BOT_PYTHON"], "-m", "pytest", "-n0", "tests/fire", *options]
        environment = {**os.environ, "FIRE_REPORT": str(report)}
        return subprocess.run(command, cwd=bot, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
