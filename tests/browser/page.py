"""The chat page and the operators' page, as the tests handle them."""

import json
import re
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Page

# Each way the page has to talk to the bot, and both languages.
BOTS: dict[str, dict[str, Any]] = {
    "websocket+rest-pt-BR": {"channels": ["websocket", "rest", "whatsapp"]},
    "websocket-en": {"channels": ["websocket"], "language": "en"},
    "rest-en": {"channels": ["rest"], "language": "en"},
}
PHONE = {"width": 390, "height": 844, "has_touch": True, "is_mobile": True}

# Of each language the one bot of which the looks are checked.
LANGUAGES = ("pt-BR", "en")
LOOKED_AT = {
    language: {
        "channels": ["websocket", "rest", "whatsapp"],
        "graph_preset": "intent_routing",
        "language": language,
    }
    for language in LANGUAGES
}

OPERATOR_KEY = "test-operator-key"
OPERATORS = {"OPERATOR_API_KEYS": f"{OPERATOR_KEY}:Operator"}
ASKS_FOR_A_PERSON = {
    "pt-BR": "quero falar com um atendente",
    "en": "I want to talk to a human",
}
_API_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Watched:
    """A page, and what went wrong on it: errors, warnings, dialogs."""

    page: Page
    problems: list[str] = field(default_factory=list)

    def ask(self, question: str) -> str:
        """Ask, and return the whole answer."""
        self.write(question)
        return self.wait_for_answer()

    def wait_for_answer(self) -> str:
        """Wait for the end of the turn, and return the whole answer."""
        self.page.wait_for_selector(
            "body[data-turn=idle] .message:last-child[data-role=assistant][data-state=done]"
        )
        answer: str = self.page.inner_text(".message:last-child .content")
        return answer

    def ask_for_a_person(self) -> str:
        """Ask for a person, and return the ticket that the answer names."""
        language = self.page.get_attribute("html", "lang")
        return _ticket_in(self.ask(ASKS_FOR_A_PERSON[language or ""]))

    def write(self, question: str) -> None:
        """Write a question and send it."""
        self.page.wait_for_selector("#connection[data-state=online]")
        self.page.fill("#question", question)
        self.page.press("#question", "Enter")

    def sign_in(self, key: str = OPERATOR_KEY) -> None:
        """Sign in at the operators' page."""
        self.page.fill("#key", key)
        self.page.press("#key", "Enter")

    def open_ticket(self, ticket: str) -> None:
        """Open a ticket of the operators' list, and wait for its messages."""
        self.page.locator("#tickets button", has_text=ticket).click()
        self.page.wait_for_selector(".message")


@dataclass(frozen=True, slots=True)
class Caller:
    """A user without a page, of a bot that speaks REST."""

    url: str
    language: str
    user_id: str

    def ask(self, question: str) -> str:
        """Ask in a new chat, and return its id."""
        chat_id: str = self._ask(question)["chat_id"]
        return chat_id

    def ask_for_a_person(self) -> str:
        """Ask for a person in a new chat, and return the ticket that the answer names."""
        return _ticket_in(self._ask(ASKS_FOR_A_PERSON[self.language])["full_text"])

    def _ask(self, question: str) -> Any:
        body = {"question": question, "user_id": self.user_id}
        return _request(self.url, "/api/chats/completions", body)


@dataclass(frozen=True, slots=True)
class Desk:
    """An operator without a page."""

    url: str

    def chat_of(self, ticket: str) -> str:
        """Return the chat that was handed over with a ticket."""
        tickets = self._request("tickets?limit=100")["items"]
        found: str = next(t["chat_id"] for t in tickets if t["ticket_id"] == ticket)
        return found

    def write(self, ticket: str, text: str) -> None:
        """Write to the user."""
        self._request(f"chats/{self.chat_of(ticket)}/messages", {"text": text})

    def release(self, ticket: str) -> None:
        """Give the chat back to the bot."""
        self._request(f"chats/{self.chat_of(ticket)}/release", {})

    def _request(self, path: str, body: dict[str, str] | None = None) -> Any:
        return _request(
            self.url,
            f"/operator/api/{path}",
            body,
            {"Authorization": f"Bearer {OPERATOR_KEY}"},
        )


def _ticket_in(answer: str) -> str:
    ticket = re.search(r"\d{8}-\w{6}", answer)
    assert ticket, answer
    return ticket[0]


def _request(
    url: str, path: str, body: dict[str, str] | None, headers: dict[str, str] | None = None
) -> Any:
    """Return what a bot answers: to a GET, or with a body to a POST."""
    with closing(HTTPConnection(urlsplit(url).netloc, timeout=_API_SECONDS)) as connection:
        connection.request(
            "GET" if body is None else "POST",
            path,
            body=None if body is None else json.dumps(body),
            headers={"Content-Type": "application/json", **(headers or {})},
        )
        response = connection.getresponse()
        answer = response.read()
    assert response.status < 300, answer
    return json.loads(answer or "null")


StartBot = Callable[..., str]
OpenPage = Callable[..., Watched]
