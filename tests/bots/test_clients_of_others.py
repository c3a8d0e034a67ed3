"""What others made for OpenAI's API and for AsyncAPI, with a bot: `nox -s bots -- -k others`."""

import json
import shutil
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot_environment import PYTHON
from rendering import render
from serving import find_node, serving

HERE = Path(__file__).resolve().parent / "clients_of_others"
ANSWERS = {"channels": ["websocket", "rest"], "language": "en", "project_slug": "fruit-bot"}
KEY = "key-of-ana"
SETTINGS = {"AUTH_MODE": "api_key", "AUTH_API_KEYS": f"{KEY}:ana"}
INSTALL_SECONDS = 300
NODE_SECONDS = 60

# The validator is among the bot's own packages.
VALIDATE = """
import json, sys
from pathlib import Path
from jsonschema.validators import validator_for
schema, document = (json.loads(Path(name).read_text("utf-8")) for name in sys.argv[1:])
validator = validator_for(schema)(schema)
print(*(error.message[:200] for error in validator.iter_errors(document)), sep="\\n", end="")
"""


@pytest.fixture(scope="module")
def clients(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the packages, exactly those of the lock file."""
    npm = shutil.which("npm")
    assert npm, "there is no npm, which comes with Node"
    folder = shutil.copytree(HERE, tmp_path_factory.mktemp("clients") / "others")
    options = ("--ignore-scripts", "--no-audit", "--no-fund")
    subprocess.run([npm, "ci", *options], cwd=folder, check=True, timeout=INSTALL_SECONDS)
    return folder


@pytest.fixture(scope="module")
def url(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    bot = render(template, tmp_path_factory.mktemp("others") / "bot", ANSWERS)
    with serving(bot, SETTINGS) as url:
        yield url


def test_a_chat_page_on_the_ai_sdk_converses(clients: Path, url: str) -> None:
    command = [find_node(), "chat_page.mjs", f"{url}/v1", KEY, "fruit-bot"]

    done = subprocess.run(
        command, cwd=clients, capture_output=True, encoding="utf-8", timeout=NODE_SECONDS
    )

    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["pieces"] > 6
    assert "apples" in told["first"]["text"]
    assert told["first"]["finishReason"] == "stop"
    assert told["first"]["usage"]["outputTokens"] > 0
    # The offline model quotes what it was shown.
    assert "apples" in told["second"]["text"] and "pears" in told["second"]["text"]
    assert "apples" in told["instead"]["text"] and "pears" not in told["instead"]["text"]
    assert "figs" in told["whole"]
    assert told["refused"]["status"] == 401
    assert told["refused"]["message"] and not told["refused"]["isRetryable"]
    chats = read(f"{url}/api/chats/")["items"]
    assert sorted(chat["title"] for chat in chats) == ["apples", "apples", "figs"]


def test_the_description_of_the_socket_is_valid(clients: Path, url: str) -> None:
    schemas = clients / "node_modules" / "@asyncapi" / "specs" / "schemas"
    document = clients / "asyncapi.json"
    description = read(f"{url}/asyncapi.json")
    document.write_text(json.dumps(description), "utf-8")
    schema = schemas / f"{description['asyncapi']}-without-$id.json"

    done = subprocess.run(
        [str(PYTHON), "-c", VALIDATE, str(schema), str(document)],
        capture_output=True,
        encoding="utf-8",
        timeout=NODE_SECONDS,
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout == ""


def read(url: str) -> dict[str, Any]:
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {KEY}"})  # noqa: S310
    with urllib.request.urlopen(request, timeout=NODE_SECONDS) as response:  # noqa: S310
        answer: dict[str, Any] = json.load(response)
    return answer
