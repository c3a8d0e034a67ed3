"""`nox -s bench -- --short`: every measurement works, whatever it measures on this machine now."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot_environment import PYTHON
from variants import ROOT

LIMIT_SECONDS = 600
# The words that each measurement's figures have, of the bot and of the template.
MEASURED = (
    "answers a second",
    "first token p50",
    "first token p99",
    "CPU of a turn, model of 0 s",
    "reads of turn 1",
    "write units of turn 100",
    "/health p99 while",
    "memory of an idle socket",
    "WhatsApp acknowledged p50",
    "WhatsApp acknowledged p99",
    "copier copy",
    "copier update",
    "/health after the start",
)
# A new chat has nothing to read, and a process its size in steps of pages.
MAY_BE_NOTHING = ("reads of turn 1", "memory of an idle socket", "CPU of a turn")


@pytest.mark.skipif(sys.platform != "linux", reason="it reads /proc")
def test_a_short_run_measures_everything(tmp_path: Path) -> None:
    history = tmp_path / "history.jsonl"
    command = [sys.executable, "-m", "tools.bench", "--short", "--history", str(history)]

    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, "BOT_PYTHON": str(PYTHON)},
        capture_output=True,
        text=True,
        timeout=LIMIT_SECONDS,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    (run,) = map(json.loads, history.read_text("utf-8").splitlines())
    names = [figure["name"] for figure in run["figures"]]
    assert [word for word in MEASURED if not any(word in name for name in names)] == []
    for figure in run["figures"]:
        assert figure["value"] > 0 or figure["name"].startswith(MAY_BE_NOTHING), figure
        assert figure["name"] in done.stdout
