"""The first thing people run."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from variants import ROOT

DEMO = [sys.executable, str(ROOT / "tools" / "demo.py")]
LAST_WORDS = "/operator"
OPERATOR = re.compile(r"answer as that person at (\S+)(?: with the key (\S+))?")
# Installing, and downloading the local AWS, on a machine that has neither.
LIMIT_SECONDS = 600


@contextmanager
def demo(folder: Path, *arguments: str) -> Iterator[str]:
    """Run the demo until it has said all it has to say, and yield that.

    It has a port of its own: another one could take the demo's first choice before its bot listens.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    # Where the tests run in the background, Ctrl-C is ignored, and a child would inherit that.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    process = subprocess.Popen(
        [*DEMO, str(folder), "--port", str(port), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    signal.signal(signal.SIGINT, before)
    assert process.stdout is not None
    said: list[str] = []
    try:
        for line in process.stdout:
            said.append(line)
            if LAST_WORDS in line:
                yield "".join(said)
                break
        else:
            pytest.fail("".join(said))
    finally:
        # As Ctrl-C in a terminal: to the demo and to the bot at once.
        os.killpg(process.pid, signal.SIGINT)
        rest = process.communicate(timeout=LIMIT_SECONDS)[0]
    assert process.returncode == 0, rest


def fetch(url: str, key: str = "") -> dict[str, str]:
    headers = {"Authorization": f"Bearer {key}"}
    request = urllib.request.Request(url, headers=headers)  # noqa: S310
    with urllib.request.urlopen(request) as response:  # noqa: S310
        answer: dict[str, str] = json.load(response)
    return answer


def test_the_demo_starts_a_bot_ends_with_ctrl_c_and_starts_again(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    answers = ("-d", "channels=[whatsapp]", "-d", "language=en")

    with demo(folder, *answers) as said:
        page, key = OPERATOR.findall(said)[0]
        url = page.removesuffix("/operator")
        assert f"The bot is ready at {url}. " in said
        assert fetch(f"{url}/health") == {"status": "ok", "llm_provider": "offline"}
        assert fetch(f"{page}/api/me", key) == {"operator": "Operator"}
        assert "no_operators" not in said
        assert "downloaded unless" in said
    with demo(folder, *answers) as said:
        assert "The bot is ready" in said
        assert "download" not in said
        assert "Installing" not in said

    status = subprocess.run(["git", "status", "--porcelain"], cwd=folder, capture_output=True)
    assert status.stdout == b""


def test_operators_of_ones_own_are_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    made = subprocess.run([*DEMO, str(folder), "--no-serve"], capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
    with (folder / ".env").open("a", encoding="utf-8") as env:
        env.write("OPERATOR_API_KEYS=my-key:Rita\n")

    with demo(folder) as said:
        page = OPERATOR.findall(said)[0][0]
        assert "with the key" not in said
        assert fetch(f"{page}/api/me", "my-key") == {"operator": "Rita"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["-d", "chanels=[rest]"], "write KEY=VALUE, KEY being one of project_name"),
        (["-d", "channels=[]"], "Choose at least one channel"),
    ],
)
def test_a_wrong_answer_is_named(tmp_path: Path, arguments: list[str], words: str) -> None:
    done = subprocess.run(
        [*DEMO, str(tmp_path / "demo"), *arguments], capture_output=True, text=True
    )

    assert done.returncode != 0
    assert words in done.stderr
    assert not (tmp_path / "demo").exists()


def test_a_folder_of_somebody_elses_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "letters.txt").write_text("mine", "utf-8")

    done = subprocess.run([*DEMO, str(tmp_path)], capture_output=True, text=True)

    assert done.returncode != 0
    assert "was not made by this demo" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["letters.txt"]
