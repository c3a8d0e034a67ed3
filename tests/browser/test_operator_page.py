"""The operators' page in a real browser, on a real bot with the offline model."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from browser.page import (
    BOTS,
    LOOKED_AT,
    OPERATOR_KEY,
    OPERATORS,
    PHONE,
    Desk,
    OpenPage,
    StartBot,
    Watched,
)
from browser.pictures import keep

ONE_PAGE = 50
LONGER_THAN_THE_POLLING_MS = 4_000


@pytest.fixture
def url(start_bot: StartBot) -> str:
    return start_bot(BOTS["websocket+rest-pt-BR"], **OPERATORS)


@pytest.fixture
def user(url: str, open_page: OpenPage) -> Watched:
    """Somebody at the chat page."""
    return open_page(url)


@pytest.fixture
def operator(url: str, open_page: OpenPage) -> Watched:
    """An operator who has signed in."""
    operator = open_page(f"{url}/operator")
    operator.sign_in()
    operator.page.wait_for_selector("#desk")
    return operator


def row(page: Page, ticket: str) -> Any:
    return page.locator("#tickets button", has_text=ticket)


def test_only_a_key_opens_it_and_signing_out_forgets_it(url: str, open_page: OpenPage) -> None:
    page = open_page(f"{url}/operator").page
    expect(page.get_by_label("Chave de atendente")).to_be_focused()

    page.keyboard.type("wrong")
    page.keyboard.press("Enter")
    expect(page.locator("#sign-in-problem")).to_contain_text("chave")
    page.fill("#key", OPERATOR_KEY)
    page.keyboard.press("Enter")
    expect(page.locator("#operator")).to_have_text("Operator")
    page.reload()
    expect(page.locator("#operator")).to_have_text("Operator")
    page.click("#sign-out")

    expect(page.locator("#key")).to_be_focused()
    assert OPERATOR_KEY not in page.evaluate(
        "JSON.stringify([{...sessionStorage}, {...localStorage}])"
    )
    page.reload()
    expect(page.locator("#desk")).to_be_hidden()


def test_an_operator_and_a_user_write_to_each_other(user: Watched, operator: Watched) -> None:
    user.ask("apples")
    ticket = user.ask_for_a_person()
    page = operator.page
    expect(row(page, ticket).locator(".wait")).to_have_attribute("data-state", "waiting")
    expect(row(page, ticket).locator(".wait")).to_have_text("acabou de escrever")

    operator.open_ticket(ticket)
    roles = page.locator(".message").evaluate_all("all => all.map(one => one.dataset.role)")
    page.locator("#text").press_sequentially("One")
    page.press("#text", "Shift+Enter")
    page.locator("#text").press_sequentially("**two**")
    page.press("#text", "Enter")

    assert roles == ["user", "assistant", "user", "assistant"]
    expect(page.locator("#text")).to_have_value("")
    sent = page.locator(".message[data-role=operator] .content")
    expect(sent).to_have_text("One\n**two**", use_inner_text=True)
    expect(row(page, ticket).locator(".wait")).to_have_attribute("data-state", "answered")
    expect(user.page.locator(".message[data-role=operator]")).to_contain_text("two")
    user.write("<b>pears</b>")
    expect(page.locator(".message").last).to_contain_text("<b>pears</b>")
    expect(page.locator("#announcer")).to_contain_text("pears")
    expect(row(page, ticket).locator(".wait")).to_have_attribute("data-state", "waiting")
    assert operator.problems == []


def test_earlier_messages_can_be_read(user: Watched, url: str, operator: Watched) -> None:
    ticket = user.ask_for_a_person()
    for number in range(ONE_PAGE):
        Desk(url).write(ticket, f"apple {number}")
    operator.open_ticket(ticket)
    contents = operator.page.locator(".message .content")
    expect(contents).to_have_count(ONE_PAGE)

    operator.page.click("#earlier")

    expect(contents).to_have_count(ONE_PAGE + 2)
    assert contents.nth(2).inner_text() == "apple 0"
    expect(operator.page.locator("#earlier")).to_be_hidden()


def test_what_was_written_outlives_a_failure(user: Watched, operator: Watched) -> None:
    ticket = user.ask_for_a_person()
    operator.open_ticket(ticket)
    page = operator.page
    page.route("**/messages", lambda route: route.abort())

    page.fill("#text", "One")
    page.press("#text", "Enter")

    expect(page.locator("#send-problem")).to_be_visible()
    expect(page.locator("#text")).to_have_value("One")
    page.unroute("**/messages")
    page.press("#text", "Enter")
    expect(page.locator(".message[data-role=operator]")).to_have_count(1)
    expect(page.locator("#send-problem")).to_be_hidden()
    expect(page.locator("#text")).to_have_value("")


def test_each_conversation_keeps_what_was_written_in_it(
    url: str, open_page: OpenPage, operator: Watched
) -> None:
    first, second = (open_page(url).ask_for_a_person() for _ in range(2))
    page = operator.page
    operator.open_ticket(first)
    page.fill("#text", "One")

    operator.open_ticket(second)
    expect(page.locator("#text")).to_have_value("")
    operator.open_ticket(first)

    expect(page.locator("#text")).to_have_value("One")


def test_a_text_over_the_limit_is_counted_and_not_sent(user: Watched, operator: Watched) -> None:
    ticket = user.ask_for_a_person()
    operator.open_ticket(ticket)
    page = operator.page

    page.fill("#text", "🍎" * 4095)
    expect(page.locator("#counter")).to_have_text("resta 1 caractere")
    expect(page.locator("#send")).to_be_enabled()
    page.fill("#text", "🍎" * 4098)

    expect(page.locator("#counter")).to_have_text("2 caracteres a mais")
    expect(page.locator("#send")).to_be_disabled()


def test_a_message_that_came_too_late_says_why(user: Watched, operator: Watched) -> None:
    ticket = user.ask_for_a_person()
    page = operator.page
    delivery = "sending"

    def as_on_whatsapp(route: Route) -> None:
        response = route.fetch()
        body = response.json()
        if "channel" in body:
            body["channel"] = "whatsapp"
        for message in body.get("items", []):
            if message.get("role") == "operator":
                message["delivery"] = delivery
        route.fulfill(response=response, json=body)

    page.route("**/operator/api/chats/**", as_on_whatsapp)
    operator.open_ticket(ticket)
    page.fill("#text", "One")
    page.press("#text", "Enter")
    expect(page.locator(".delivery", has_text="Enviando…")).to_be_visible()
    delivery = "failed_window"

    expect(page.locator("[data-failed] .delivery")).to_contain_text("24 horas")
    expect(page.locator("#announcer")).to_contain_text("24 horas")


def test_a_conversation_is_given_back_after_a_question(user: Watched, operator: Watched) -> None:
    ticket = user.ask_for_a_person()
    operator.open_ticket(ticket)
    page = operator.page
    page.click("#release")
    page.click("#cancel-release")
    expect(row(page, ticket)).to_be_visible()

    page.click("#release")
    page.click("#confirm-release")

    expect(row(page, ticket)).to_have_count(0)
    expect(page.locator("#nothing-open")).to_be_visible()
    assert "apples" in user.ask("apples")
    assert operator.problems == []


def test_a_conversation_that_another_gave_back_is_closed(
    url: str, user: Watched, operator: Watched
) -> None:
    ticket = user.ask_for_a_person()
    operator.open_ticket(ticket)
    page = operator.page
    page.fill("#text", "One")

    Desk(url).release(ticket)

    expect(page.locator("#closed")).to_be_visible()
    expect(page.locator("#send")).to_be_disabled()
    expect(page.locator("#text")).to_have_value("One")


def test_the_keyboard_is_enough(user: Watched, url: str, open_page: OpenPage) -> None:
    ticket = user.ask_for_a_person()
    page = open_page(f"{url}/operator").page
    press = page.keyboard.press

    page.keyboard.type(OPERATOR_KEY)
    press("Enter")
    expect(page.locator("#tickets-heading")).to_be_focused()
    row(page, ticket).wait_for()
    while not row(page, ticket).evaluate("row => row === document.activeElement"):
        press("Tab")
    press("Enter")
    expect(page.get_by_label("Sua mensagem para o usuário")).to_be_focused()
    page.wait_for_selector(".message")
    page.keyboard.type("One")
    press("Enter")
    expect(page.locator(".message[data-role=operator]")).to_have_count(1)
    expect(page.locator("#text")).to_be_focused()
    while not page.locator("#release").evaluate("button => button === document.activeElement"):
        press("Shift+Tab")
    press("Enter")
    expect(page.get_by_role("dialog", name="Devolver esta conversa ao bot?")).to_be_visible()
    press("Escape")
    expect(page.locator("#release")).to_be_focused()
    press("Enter")
    press("Tab")
    expect(page.get_by_role("button", name="Devolver", exact=True)).to_be_focused()
    press("Enter")

    expect(page.locator("#tickets-heading")).to_be_focused()
    expect(row(page, ticket)).to_have_count(0)


def test_a_phone_shows_the_list_and_then_the_conversation(
    user: Watched, url: str, open_page: OpenPage
) -> None:
    ticket = user.ask_for_a_person()
    operator = open_page(f"{url}/operator", width=360, height=740, has_touch=True, is_mobile=True)
    page = operator.page
    operator.sign_in()
    operator.open_ticket(ticket)
    expect(page.locator("#tickets")).to_be_hidden()
    page.fill("#text", "apples" * 60)
    page.tap("#send")
    page.wait_for_selector(".message[data-role=operator]")

    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.go_back()
    expect(row(page, ticket)).to_be_focused()
    row(page, ticket).tap()
    page.tap("#back")
    expect(page.locator("#conversation")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_a_hidden_page_asks_nothing(user: Watched, operator: Watched) -> None:
    ticket = user.ask_for_a_person()
    operator.open_ticket(ticket)
    page = operator.page
    asked: list[str] = []
    show = """hidden => {
        Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
        document.dispatchEvent(new Event("visibilitychange"));
    }"""

    page.evaluate(show, True)
    page.wait_for_timeout(1_000)
    page.on("request", lambda request: asked.append(request.url))
    page.wait_for_timeout(LONGER_THAN_THE_POLLING_MS)
    assert asked == []

    with page.expect_request("**/messages?*"):
        page.evaluate(show, False)


def test_a_server_that_is_away_is_told_and_awaited(user: Watched, operator: Watched) -> None:
    ticket = user.ask_for_a_person()
    operator.open_ticket(ticket)
    page = operator.page

    page.context.set_offline(True)
    expect(page.locator("#away")).to_be_visible()
    expect(page.locator(".message").first).to_be_visible()
    page.locator("#try-now").focus()
    page.context.set_offline(False)

    expect(page.locator("#away")).to_be_hidden()
    expect(page.locator("#text")).to_be_focused()


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("pt-BR", "Olá! Já estou verificando o seu pedido."),
        ("en", "Hello! I am looking into your order."),
    ],
)
@pytest.mark.parametrize(
    ("screen", "options"),
    [("desktop", {"width": 1200, "height": 760}), ("phone", {**PHONE, "device_scale_factor": 2})],
)
def test_pictures_of_the_page(
    start_bot: StartBot,
    open_page: OpenPage,
    pictures: Path,
    language: str,
    said: str,
    screen: str,
    options: dict[str, Any],
) -> None:
    url = start_bot(LOOKED_AT[language], **OPERATORS)
    ticket = open_page(url).ask_for_a_person()
    operator = open_page(f"{url}/operator", dressed=True, color_scheme="light", **options)
    operator.sign_in()
    operator.open_ticket(ticket)
    operator.page.fill("#text", said)
    operator.page.press("#text", "Enter")
    operator.page.wait_for_selector(".message[data-role=operator]")

    picture = operator.page.screenshot()
    keep(picture, pictures / f"operator-{language}-{screen}.png")

    assert len(picture) > 10_000
    assert operator.problems == []
