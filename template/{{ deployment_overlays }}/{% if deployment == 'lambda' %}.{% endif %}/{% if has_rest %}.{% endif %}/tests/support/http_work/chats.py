"""A client of the REST API asks, reads what there is of the chat, rates an answer, and renames it."""

import json

from tests.support.recorded_functions import Elsewhere, RecordedFunction

VARIABLES: dict[str, str] = {}
_CREDENTIAL = {"authorization": "Bearer a-long-key-of-ana"}


def work(http: RecordedFunction, elsewhere: Elsewhere) -> None:
    """Do it all in a chat of its own."""
    chat_id = _ask(http, {"question": "Hello!"})
    _ask(http, {"question": "And now?", "chat_id": chat_id})
    http.ask("GET", "/api/chats", headers=_CREDENTIAL)
    chat = f"/api/chats/{chat_id}"
    _, answer, *_ = http.ask("GET", f"{chat}/messages", headers=_CREDENTIAL)["items"]
    url = f"{chat}/messages/{answer['message_id']}/feedback"
    for rating in ("good", "bad"):
        http.ask("POST", url, json.dumps({"rating": rating}).encode(), _CREDENTIAL)
    http.ask("GET", f"{chat}/sessions", headers=_CREDENTIAL)
    http.ask("PATCH", f"{chat}/title", json.dumps({"title": "Renamed"}).encode(), _CREDENTIAL)


def _ask(http: RecordedFunction, question: dict[str, str]) -> str:
    body = json.dumps(question).encode()
    return str(http.ask("POST", "/api/chats/completions", body, _CREDENTIAL)["chat_id"])
