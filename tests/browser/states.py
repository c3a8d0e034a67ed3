"""The pages and each state they can be in. A page is one row of `PAGES`."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from playwright.sync_api import Page, Route, WebSocketRoute, expect

from browser.page import PHONE, Caller, Desk, Watched

SOCKET = re.compile(r"/ws/chat/completions$")
DAYS = re.compile(r"(first|last)_day=[^&]*&?")
SCREENS: dict[str, dict[str, Any]] = {
    "desktop": {"width": 1200, "height": 760},
    "phone": PHONE,
}
MOST_CHARACTERS = 4096
MOST_TRIES = 100
LONG_WAIT = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Words:
    """What is said on the pages, in one language."""

    questions: tuple[str, str]
    hello: str
    answer: str


WORDS = {
    "pt-BR": Words(
        questions=("Qual é o prazo de entrega?", "Quanto custa o moedor manual?"),
        hello="Olá! Já estou verificando o seu pedido.",
        answer="""Há **dois modos** de acompanhar, veja em https://example.com/acompanhar/pedidos:

1. Pela página, com o *número* do pedido
2. Pelo comando `pedidos --acompanhar --numero 1042`

> Guarde o comprovante.

```sh
curl --silent --show-error https://example.com/pedidos/1042/acompanhamento --header 'Accept: text/plain'
```

Pneumoultramicroscopicossilicovulcanoconióticopneumoultramicroscopicossilicovulcanoconiótico.""",
    ),
    "en": Words(
        questions=("How long does delivery take?", "What does the hand grinder cost?"),
        hello="Hello! I am looking into your order.",
        answer="""There are **two ways** to follow it, see https://example.com/follow/orders:

1. On the page, with the order's *number*
2. With the command `orders --follow --number 1042`

> Keep the receipt.

```sh
curl --silent --show-error https://example.com/orders/1042/whereabouts --header 'Accept: text/plain'
```

Pneumonoultramicroscopicsilicovolcanoconiosispneumonoultramicroscopicsilicovolcanoconiosis.""",
    ),
}


class Wire:
    """The chat page's socket in the test's hands: it can answer instead of the bot, or break."""

    def __init__(self, page: Page) -> None:
        self._answers = 0
        self._answers_itself = False
        self._is_cut = False
        self._socket: WebSocketRoute | None = None
        self._ids: dict[str, Any] = {}
        page.route_web_socket(SOCKET, self._connect)

    def answer_itself(self) -> None:
        """Begin to answer the next question here; the bot does not learn of it."""
        self._answers_itself = True

    def say(self, *events: dict[str, Any]) -> None:
        """Go on with that answer."""
        assert self._socket is not None
        for event in events:
            self._socket.send(json.dumps(self._ids | event))

    def cut(self) -> None:
        """Break the connection for good."""
        assert self._socket is not None
        self._is_cut = True
        self._socket.close()

    def _connect(self, socket: WebSocketRoute) -> None:
        if self._is_cut:
            socket.close()
            return
        self._socket = socket
        server = socket.connect_to_server()
        socket.on_message(lambda message: self._pass_on(server, str(message)))

    def _pass_on(self, server: WebSocketRoute, message: str) -> None:
        question = json.loads(message)
        if not self._answers_itself or "question" not in question:
            server.send(message)
            return
        self._answers_itself = False
        self._answers += 1
        self._ids = {
            "message_id": f"own-{self._answers}",
            "chat_id": question["chat_id"],
            "session_id": question["session_id"],
        }
        self.say({"type": "start"})


class TicketList:
    """The operators' list of tickets, of which a test shows its own: other tests leave some open."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._shown: list[str] = []
        page.route("**/operator/api/tickets?*", self._answer)

    def show(self, *tickets: str) -> None:
        """Show these; the first has waited for long, and the others were answered."""
        self._shown = list(tickets)
        look_again(self._page)

    def _answer(self, route: Route) -> None:
        response = route.fetch()
        if not response.ok:
            route.fulfill(response=response)
            return
        body = response.json()
        body["items"] = [item for item in body["items"] if item["ticket_id"] in self._shown]
        since = datetime.now(UTC) - LONG_WAIT
        for item in body["items"]:
            is_first = item["ticket_id"] == self._shown[0]
            item["waiting_since"] = since.isoformat() if is_first else None
        route.fulfill(response=response, json=body)


def look_again(page: Page) -> None:
    """Have the operators' page ask the server now."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


@dataclass(frozen=True, slots=True)
class Visit(Watched):
    """Somebody's visit to a page, in one language and on one screen."""

    url: str = ""
    language: str = ""
    screen: str = ""

    @property
    def words(self) -> Words:
        return WORDS[self.language]


def chat_states(visit: Visit) -> Iterator[str]:
    """Bring the chat page from one state to the next; names each."""
    page, words, is_phone = visit.page, visit.words, visit.screen == "phone"
    wire = Wire(page)
    page.goto(visit.url)
    page.wait_for_selector("#connection[data-state=online]")
    yield "empty"

    for question in words.questions:
        visit.ask(question)
    yield "conversation"

    wire.answer_itself()
    visit.write(words.hello)
    page.wait_for_selector(".message[data-state=waiting]")
    yield "waiting"

    wire.say({"type": "token", "delta": words.answer.partition("\n")[0]})
    page.wait_for_selector(".message[data-state=streaming]")
    yield "streaming"

    wire.say(
        {"type": "agent_response", "content": words.answer},
        {"type": "end", "full_text": words.answer},
    )
    visit.wait_for_answer()
    yield "rich answer"

    wire.answer_itself()
    visit.write(words.questions[0])
    page.wait_for_selector(".message[data-state=waiting]")
    wire.say({"type": "error", "code": "unknown"})
    page.wait_for_selector(".message[data-state=failed]")
    yield "failed"

    if is_phone:
        page.click("#toggle-sidebar")
        yield "past chats"
    page.click(".chat-rename")
    yield "renaming"

    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    ticket = visit.ask_for_a_person()
    Desk(visit.url).write(ticket, words.hello)
    page.wait_for_selector(".message[data-role=operator]")
    yield "a person answers"

    Desk(visit.url).release(ticket)
    page.wait_for_selector("#handoff[data-state=assistant]")
    yield "the assistant answers again"

    wire.cut()
    page.wait_for_selector("#disconnected", state="visible")
    yield "disconnected"

    page.route("**/settings.json", _ask_for_token)
    page.route("**/api/chats/**", _refuse)
    page.reload()
    page.wait_for_selector("#token-dialog[open]")
    yield "token"

    page.fill("#token", "not-a-key")
    page.press("#token", "Enter")
    page.wait_for_selector("#token-problem", state="visible")
    yield "token refused"


def _ask_for_token(route: Route) -> None:
    route.fulfill(json={"auth_mode": "api_key", "llm_provider": "offline"})


def _refuse(route: Route) -> None:
    route.fulfill(status=401, json={"code": "unauthorized"})


def operator_states(visit: Visit) -> Iterator[str]:
    """Bring the operators' page from one state to the next; names each."""
    page, words, desk = visit.page, visit.words, Desk(visit.url)
    tickets = TicketList(page)
    page.goto(f"{visit.url}/operator")
    page.wait_for_selector("#key")
    yield "sign-in"

    visit.sign_in("not-a-key")
    page.wait_for_selector("#sign-in-problem", state="visible")
    yield "wrong key"

    visit.sign_in()
    expect(page.locator("#tickets-status")).to_be_visible()
    expect(page.locator("#tickets-status")).not_to_contain_text("…")
    yield "nobody waits"

    waits, was_answered = (
        Caller(visit.url, visit.language, user).ask_for_a_person() for user in ("ana", "bia")
    )
    tickets.show(waits, was_answered)
    expect(page.locator("#tickets li")).to_have_count(2)
    yield "tickets"

    visit.open_ticket(waits)
    page.fill("#text", words.hello)
    page.press("#text", "Enter")
    page.wait_for_selector(".message[data-role=operator]")
    expect(page.locator("#text")).to_have_value("")
    yield "conversation"

    page.fill("#text", "🍎" * (MOST_CHARACTERS + 2))
    yield "too long"

    page.route("**/messages", lambda route: route.abort())
    page.fill("#text", words.hello)
    page.press("#text", "Enter")
    page.wait_for_selector("#send-problem", state="visible")
    yield "not sent"

    page.route("**/operator/api/chats/**", _as_if_too_late)
    if visit.screen == "phone":
        page.click("#back")
    visit.open_ticket(was_answered)
    desk.write(was_answered, words.hello)
    look_again(page)
    page.wait_for_selector("[data-failed]")
    yield "not delivered"

    page.click("#release")
    page.wait_for_selector("#release-dialog[open]")
    yield "release dialog"

    page.keyboard.press("Escape")
    desk.release(was_answered)
    look_again(page)
    page.wait_for_selector("#closed", state="visible")
    yield "closed"

    page.route("**/operator/api/**", lambda route: route.abort())
    look_again(page)
    page.wait_for_selector("#away", state="visible")
    yield "server away"

    page.unroute_all()
    desk.release(waits)


def _as_if_too_late(route: Route) -> None:
    """Answer as if the chat were on WhatsApp, and Meta had refused what an operator wrote."""
    response = route.fetch()
    body = response.json()
    if "channel" in body:
        body["channel"] = "whatsapp"
    for message in body.get("items", []):
        if message.get("role") == "operator":
            message["delivery"] = "failed_window"
    route.fulfill(response=response, json=body)


class FoundChats:
    """What the review page finds, on whatever days; of it a test shows one chat, whose steps all take as long."""

    def __init__(self, page: Page) -> None:
        self._shown: str | None = None
        page.route("**/operator/api/review/chats?*", self._find)
        page.route("**/operator/api/review/chats/*?*", self._read)

    def show(self, chat_id: str) -> None:
        """Find this one from the next search on."""
        self._shown = chat_id

    def _find(self, route: Route) -> None:
        # What was just said can be found a moment later.
        for _ in range(MOST_TRIES):
            response = route.fetch(url=DAYS.sub("", route.request.url))
            body = response.json()
            found = [item for item in body["items"] if item["chat_id"] == self._shown]
            if found or not self._shown:
                break
        nothing_else = {"items": found, "next_cursor": None, "looked_at": len(found)}
        route.fulfill(response=response, json=body | nothing_else)

    def _read(self, route: Route) -> None:
        response = route.fetch()
        body = response.json()
        for message in body["messages"]["items"]:
            message["trace_id"] = None
            for step in message["steps"]:
                step["milliseconds"] = 120
        route.fulfill(response=response, json=body)


def review_states(visit: Visit) -> Iterator[str]:
    """Bring the review page from one state to the next; names each."""
    page, words = visit.page, visit.words
    chats = FoundChats(page)
    page.goto(f"{visit.url}/operator/review")
    page.wait_for_selector("#key")
    yield "sign-in"

    visit.sign_in()
    expect(page.locator("#chats-status")).to_be_visible()
    expect(page.locator("#chats-status")).not_to_contain_text("…")
    page.fill("#first-day", "2026-01-09")
    page.fill("#last-day", "2026-01-15")
    yield "nothing found"

    chats.show(Caller(visit.url, visit.language, "ana").ask(words.questions[0]))
    page.click("#search [type=submit]")
    page.wait_for_selector("#chats li")
    yield "found"

    page.click("#chats button")
    page.wait_for_selector(".message[data-role=assistant]")
    yield "conversation"

    answer = page.locator(".message[data-role=assistant]")
    answer.locator(".steps summary").click()
    answer.locator("[data-rating=bad]").click()
    answer.locator(".judging input").fill(words.hello)
    yield "rated"

    page.route("**/case", lambda route: route.abort())
    answer.locator(".collect").click()
    expect(answer.locator(".problem")).to_be_visible()
    yield "not collected"

    page.unroute("**/case")
    answer.locator(".collect").click()
    expect(answer.locator(".download")).to_be_visible()
    yield "collected"


@dataclass(frozen=True, slots=True)
class PageRow:
    """A page: how to bring it into each of its states, and of which pictures are compared."""

    states: Callable[[Visit], Iterator[str]]
    pictured: frozenset[str]


PAGES = {
    "chat": PageRow(chat_states, frozenset({"empty", "conversation", "rich answer"})),
    "operator": PageRow(operator_states, frozenset({"sign-in", "conversation"})),
    "review": PageRow(review_states, frozenset({"rated"})),
}
