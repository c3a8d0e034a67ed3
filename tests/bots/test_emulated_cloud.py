"""The commands of docs/deployment.md on an emulated AWS: from a rendered bot to a conversation.

The package is the real one, built from pins.txt; its functions run as Lambda runs them, on the stack
of the bot's own template, with Bedrock's wire at the end.
"""

import os
import re
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot_environment import PYTHON
from rendering import render
from variants import ROOT

LAST_LINE = "Ctrl-C"
LIMIT_SECONDS = 420


@pytest.fixture
def bot(template: Path, tmp_path: Path) -> Path:
    answers = {
        "deployment": "lambda",
        "channels": ["websocket", "rest", "whatsapp"],
        "language": "en",
    }
    return render(template, tmp_path / "bot", answers)


@pytest.fixture
def bedrock(bot: Path) -> Iterator[str]:
    """The address of a Bedrock that answers."""
    with started(bot, str(ROOT / "tests" / "bedrock_stand_in.py")) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip()


@contextmanager
def started(bot: Path, *arguments: str) -> Iterator["subprocess.Popen[str]"]:
    # Where the tests run in the background, Ctrl-C is ignored, and a child would inherit that.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    process = subprocess.Popen(
        [str(PYTHON), *arguments],
        cwd=bot,
        env={**environment, "PATH": f"{PYTHON.parent}{os.pathsep}{environment['PATH']}"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    signal.signal(signal.SIGINT, before)
    limit = threading.Timer(LIMIT_SECONDS, os.killpg, (process.pid, signal.SIGKILL))
    limit.start()
    try:
        yield process
    finally:
        limit.cancel()
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)
        process.communicate(timeout=LIMIT_SECONDS)


def talk(bot: Path, url: str, key: str, *questions: str) -> str:
    """Hold a conversation with the bot's own client; return what it printed."""
    client = [
        "clients/python/websocket_client.py",
        "--url",
        url,
        f"--token={key}",
        "--user",
        "local",
    ]
    done = subprocess.run(
        [str(PYTHON), *client, *questions], cwd=bot, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_stack_is_made_and_a_chat_is_held_over_its_apis(bot: Path, bedrock: str) -> None:
    subprocess.run(["git", "init", "-q"], cwd=bot, check=True)
    deploy = ["-m", "scripts.deploy", "deploy", "--environment", "staging", "--emulated"]
    with_bedrock = ["LlmProvider=bedrock", f"BedrockEndpointUrl={bedrock}"]
    parameters = [word for given in with_bedrock for word in ("--parameter", given)]

    with started(bot, *deploy, *parameters) as process:
        assert process.stdout is not None
        said = []
        for line in process.stdout:
            said.append(line)
            if LAST_LINE in line:
                break
        told = "".join(said)
        assert LAST_LINE in told, told
        conversation = talk(
            bot, _found(r"HttpUrl: (\S+)", told), _found(r"key \S.*: (\S+)", told), "Hello!", "And?"
        )

    assert "FAILED" not in told
    assert told.count("answers a question") == 2
    assert conversation.count("Good day from Bedrock.") == 2


def _found(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    assert match is not None, text
    return match[1]
