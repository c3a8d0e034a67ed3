"""The examples of docs/openai.md, as they are written there."""

import json
import re
import shlex
import subprocess
import sys

import httpx

from tests.support.bot_folder import BOT_FOLDER
from tests.support.bots import BotInside

_ADDRESS = "http://localhost:8181"
_PROGRAM_SECONDS = 60


def examples(language: str, bot: BotInside, user_id: str) -> list[str]:
    """Return the blocks of code of one language, about this bot and user."""
    page = (BOT_FOLDER / "docs" / "openai.md").read_text("utf-8")
    blocks = re.findall(rf"^```{language}\n(.+?)^```", page, re.M | re.S)
    return [block.replace(_ADDRESS, bot.url).replace("user1", user_id) for block in blocks]


def test_the_program_converses(bot: BotInside, user_id: str) -> None:
    (program,) = examples("python", bot, user_id)
    done = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", program],
        capture_output=True,
        encoding="utf-8",
        timeout=_PROGRAM_SECONDS,
    )

    assert done.returncode == 0, done.stderr
    # The offline model quotes every question: the second answer knows the first one.
    first, *second = done.stdout.splitlines()
    assert second[0] == first and len(second) == 2


def test_the_command_is_answered(bot: BotInside, user_id: str) -> None:
    (command,) = examples("bash", bot, user_id)
    curl, url, *options = shlex.split(command)
    pairs = list(zip(options[::2], options[1::2], strict=True))
    headers = dict(value.split(": ", 1) for name, value in pairs if name == "-H")
    (data,) = [value for name, value in pairs if name == "-d"]

    answer = httpx.post(url, headers=headers, content=data.encode()).json()

    assert curl == "curl"
    question = json.loads(data)["messages"][0]["content"]
    assert answer["choices"][0]["message"]["content"] == f"> {question}"
