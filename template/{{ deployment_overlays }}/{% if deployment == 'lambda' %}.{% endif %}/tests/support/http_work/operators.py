"""Operators list, read, answer and release, and somebody asks whether the bot is ready."""

import json

from tests.support.recorded_functions import Elsewhere, RecordedFunction

VARIABLES: dict[str, str] = {}
CREDENTIAL = {"authorization": "Bearer a-long-key-of-rita"}


def work(http: RecordedFunction, elsewhere: Elsewhere) -> None:
    """Do it all in a chat of its own."""
    http.ask("GET", "/ready")
    http.ask("GET", "/operator/api/tickets", headers=CREDENTIAL)
    answer_and_release(http, elsewhere.hand_over("ana"))


def answer_and_release(http: RecordedFunction, chat_id: str) -> None:
    """Read the chat, write there, and give it back to the bot."""
    chat = f"/operator/api/chats/{chat_id}"
    http.ask("GET", chat, headers=CREDENTIAL)
    http.ask("GET", f"{chat}/messages", headers=CREDENTIAL)
    text = json.dumps({"text": "Here I am."}).encode()
    http.ask("POST", f"{chat}/messages", text, CREDENTIAL)
    http.ask("POST", f"{chat}/release", headers=CREDENTIAL)
