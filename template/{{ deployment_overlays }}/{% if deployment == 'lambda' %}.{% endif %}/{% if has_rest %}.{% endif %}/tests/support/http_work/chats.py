"""A client of the REST API asks, reads, rates and renames; then one of OpenAI's asks."""

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
    _converse(http)


def _converse(http: RecordedFunction) -> None:
    """Ask as clients of OpenAI's API do: twice the same after one answer."""
    messages = [{"role": "user", "content": "Hello!"}]
    answer = _complete(http, messages)
    messages += [{"role": "assistant", "content": answer}, {"role": "user", "content": "And now?"}]
    for _ in range(2):
        _complete(http, messages)


def _complete(http: RecordedFunction, messages: list[dict[str, str]]) -> str:
    body = json.dumps({"model": "chatbot", "messages": messages}).encode()
    answer = http.ask("POST", "/v1/chat/completions", body, _CREDENTIAL)
    return str(answer["choices"][0]["message"]["content"])


def _ask(http: RecordedFunction, question: dict[str, str]) -> str:
    body = json.dumps(question).encode()
    return str(http.ask("POST", "/api/chats/completions", body, _CREDENTIAL)["chat_id"])
