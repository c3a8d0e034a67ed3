"""Operators list, read, answer and release, and somebody asks whether the bot is ready."""

import json

from tests.support.recorded_functions import Elsewhere, RecordedFunction

VARIABLES: dict[str, str] = {}
CREDENTIAL = {"authorization": "Bearer a-long-key-of-rita"}


def work(http: RecordedFunction, elsewhere: Elsewhere) -> None:
    """Do it all in a chat of its own."""
    http.ask("GET", "/ready")
    http.ask("GET", "/operator/api/tickets", headers=CREDENTIAL)
    chat_id = elsewhere.hand_over("ana")
    answer_and_release(http, chat_id)
    review(http, chat_id)


def answer_and_release(http: RecordedFunction, chat_id: str) -> None:
    """Read the chat, write there, and give it back to the bot."""
    chat = f"/operator/api/chats/{chat_id}"
    http.ask("GET", chat, headers=CREDENTIAL)
    http.ask("GET", f"{chat}/messages", headers=CREDENTIAL)
    text = json.dumps({"text": "Here I am."}).encode()
    http.ask("POST", f"{chat}/messages", text, CREDENTIAL)
    http.ask("POST", f"{chat}/release", headers=CREDENTIAL)


def review(http: RecordedFunction, chat_id: str) -> None:
    """Find the chat, read it, rate its answer twice, and collect it."""
    http.ask("GET", "/operator/api/review/chats", headers=CREDENTIAL)
    chat = f"/operator/api/review/chats/{chat_id}"
    messages = http.ask("GET", chat, headers=CREDENTIAL)["messages"]["items"]
    answer = next(m["message_id"] for m in messages if m["role"] == "assistant")
    for rating in ("good", "bad"):
        body = json.dumps({"rating": rating}).encode()
        http.ask("POST", f"{chat}/messages/{answer}/feedback", body, CREDENTIAL)
    http.ask("POST", f"{chat}/messages/{answer}/case", headers=CREDENTIAL)
