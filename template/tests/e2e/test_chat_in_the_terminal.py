"""`python -m scripts.chat`, as a person uses it."""

import asyncio
import io
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import IO

import pytest

from app.core.ports.chat_storage import ListingRequest
from domain.dto.chat import Message
from domain.ids import new_id, now_timestamp
from infra.dynamodb.dynamodb_client import DynamoDBClient
from infra.repositories.chat_repository import ChatRepository
from infra.repositories.ticket_repository import TicketRepository
from scripts import chat, chat_texts
from tests.support.bot_folder import BOT_FOLDER
from tests.support.plain_agent import A_PERSON
from tests.support.plain_container import plain_container

_END_SECONDS = 60
# The script with an agent that writes slowly enough to be interrupted.
_SLOW_CHAT = """
from functools import partial
from scripts import chat
from tests.support.plain_container import plain_container
chat.ApplicationContainer = partial(plain_container, pause_seconds=0.05)
chat.main()
"""


@pytest.fixture
def settings(dynamodb_endpoint: str, table: str) -> dict[str, str]:
    """The script's environment."""
    return {
        "AWS_ENDPOINT_URL_DYNAMODB": dynamodb_endpoint,
        "DDB_TABLE": table,
        "LLM_PROVIDER": "offline",
        "PYTHONUTF8": "1",
    }


def test_a_chat_remembers_and_a_new_one_does_not(
    settings: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    typed = io.BytesIO(b"/good\napples\npears\n/bad Wrong.\n/new\n\nplums\n")
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "argv", ["chat"])
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(typed))
    monkeypatch.setattr(chat, "ApplicationContainer", plain_container)
    monkeypatch.setattr(chat, "configure_logs", lambda level: None)

    chat.main()

    first_chat, _, second_chat = capsys.readouterr().out.partition(chat_texts.NEW_CHAT)
    assert first_chat.count("apples") == 2
    assert first_chat.count("pears") == 1
    before, _, after = first_chat.partition("apples")
    assert chat_texts.NOTHING_TO_RATE in before
    assert chat_texts.RATED in after
    assert "plums" in second_chat
    assert "pears" not in second_chat


@pytest.fixture
def terminal(settings: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """The script in a process of its own, waiting for lines."""
    # Where the tests run in the background, Ctrl-C is ignored, and a child would inherit that.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    process = subprocess.Popen(
        [sys.executable, "-c", _SLOW_CHAT],
        env={**os.environ, "PYTHONPATH": str(BOT_FOLDER), **settings},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    signal.signal(signal.SIGINT, before)
    # Whoever waits for a line that does not come waits no longer than this.
    limit = threading.Timer(_END_SECONDS, process.kill)
    limit.start()
    yield process
    limit.cancel()
    process.kill()
    process.communicate()


async def test_what_a_person_writes_is_shown_at_enter(
    terminal: subprocess.Popen[str], dynamodb: DynamoDBClient
) -> None:
    assert terminal.stdin is not None
    assert terminal.stdout is not None
    terminal.stdin.write(f"{A_PERSON}\n")
    terminal.stdin.flush()
    await asyncio.to_thread(_read_until, terminal.stdout, chat_texts.HANDED_OVER)
    tickets = await TicketRepository(dynamodb).list_open(ListingRequest(1))
    (ticket,) = tickets.items
    written = Message(
        new_id("msg"), ticket.chat_id, ticket.user_id, "operator", "Hello!", now_timestamp()
    )
    await ChatRepository(dynamodb).save_operator_message(written)

    said, errors = await asyncio.to_thread(terminal.communicate, "\n\n/quit\n", _END_SECONDS)

    assert terminal.returncode == 0, errors
    assert said.count(f"{chat_texts.OPERATOR}Hello!") == 1


def _read_until(output: IO[str], text: str) -> None:
    # What is waited for may not end its line.
    heard = ""
    while text not in heard:
        letter = output.read(1)
        assert letter, heard
        heard += letter


# Windows can send Ctrl-C only to all the processes of a console.
if sys.platform != "win32":

    def test_ctrl_c_cuts_an_answer_off_and_the_chat_goes_on(
        terminal: subprocess.Popen[str],
    ) -> None:
        assert terminal.stdin is not None
        assert terminal.stdout is not None
        terminal.stdin.write("apples " * 40 + "\n")
        terminal.stdin.flush()
        _read_until(terminal.stdout, "> apples")

        terminal.send_signal(signal.SIGINT)
        said, errors = terminal.communicate("pears\n/quit\nplums\n", _END_SECONDS)

        assert terminal.returncode == 0, errors
        assert chat_texts.CANCELLED in said
        assert "> pears" in said
        assert "plums" not in said
