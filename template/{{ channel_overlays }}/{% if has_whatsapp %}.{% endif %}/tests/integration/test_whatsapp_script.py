"""`python -m scripts.whatsapp`, the local stand-in for Meta, used from a pipe."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from app.core.service.whatsapp.texts import RESET_DONE, UNSUPPORTED_MESSAGE
from scripts import whatsapp
from scripts.whatsapp_stand_in import Sender, delivery_of, message_of
from tests.support.bot_folder import BOT_FOLDER
from tests.support.bots import BotsInside
from tests.support.tables import Tables
from tests.support.whatsapp_channel import new_number


def run(folder: Path, settings: dict[str, str], *options: str, typed: str = "") -> tuple[int, str]:
    """Run the script with what somebody types; return its exit code and all that it printed."""
    finished = subprocess.run(
        [sys.executable, "-m", "scripts.whatsapp", *options],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(BOT_FOLDER), **settings},
        input=typed.encode(),
        capture_output=True,
        timeout=60,
    )
    return finished.returncode, (finished.stdout + finished.stderr).decode()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_a_conversation_is_shown_with_its_replies(
    bots: BotsInside, tmp_path: Path, tables: Tables
) -> None:
    settings = {
        "WHATSAPP_PHONE_NUMBER_ID": "123456789012345",
        "WHATSAPP_ACCESS_TOKEN": "local-access-token",
        "WHATSAPP_APP_SECRET": "local-app-secret",
        "WHATSAPP_GRAPH_URL": f"http://127.0.0.1:{free_port()}",
    }
    bot = bots(LLM_PROVIDER="offline", **settings)
    photo = message_of(Sender(new_number()), {"type": "image", "image": {"id": "1"}})
    (tmp_path / "deliveries.jsonl").write_text(json.dumps(delivery_of([photo])) + "\n", "utf-8")
    number = new_number()
    code, shown = run(
        tmp_path,
        settings,
        *("--url", bot.url, "--sender", number, "--duplicate", "2"),
        *("--file", "deliveries.jsonl"),
        typed="/react 👍\nOlá, tudo bem?\n/react 👍\n\n/reset\n",
    )
    assert code == 0, shown
    assert shown.count("bot < ") == 3
    assert shown.count(RESET_DONE) == shown.count(UNSUPPORTED_MESSAGE) == 1
    assert "read, typing" in shown
    assert shown.count("The bot has sent nothing yet.") == 1
    thumbs = [
        item["user_is_good"]
        for item in tables.items(bot.container.settings().ddb_table)
        if item.get("user_id") == {"S": f"whatsapp_{number}"} and "user_is_good" in item
    ]
    assert thumbs == [{"BOOL": True}]


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({}, "WHATSAPP_APP_SECRET is empty"),
        ({"WHATSAPP_APP_SECRET": "s"}, "WHATSAPP_GRAPH_URL is https://graph.facebook.com"),
        ({"PORT": "no port"}, "PORT"),
    ],
)
def test_what_keeps_it_from_starting_is_said_in_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], reason: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["whatsapp"])
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as ending:
        whatsapp.main()
    # A text is printed to standard error, and the process exits with 1.
    assert isinstance(ending.value.code, str)
    assert reason in ending.value.code
    assert "\n" not in ending.value.code
