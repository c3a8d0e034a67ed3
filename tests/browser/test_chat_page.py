"""The chat page in a real browser, on a real bot with the offline model."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from browser.page import BOTS, LOOKED_AT, OPERATORS, PHONE, Desk, OpenPage, StartBot
from browser.pictures import keep


@pytest.fixture(params=BOTS.values(), ids=list(BOTS))
def url(request: pytest.FixtureRequest, start_bot: StartBot) -> str:
    return start_bot(request.param, **OPERATORS)


def test_a_question_is_answered_and_there_again_after_a_reload(
    url: str, open_page: OpenPage
) -> None:
    watched = open_page(url)

    assert "apples" in watched.ask("apples")
    watched.page.reload()

    expect(watched.page.locator(".message[data-role=user]")).to_contain_text("apples")
    assert "apples" in watched.ask("pears")
    assert watched.problems == []


def test_an_earlier_chat_can_be_opened(url: str, open_page: OpenPage) -> None:
    watched = open_page(url)
    watched.ask("apples")

    watched.page.click("#new-chat")
    expect(watched.page.locator(".message")).to_have_count(0)
    assert "apples" not in watched.ask("pears")
    watched.page.locator("#chats .chat-open", has_text="apples").click()

    expect(watched.page.locator(".message[data-role=user] .content")).to_have_text("apples")
    assert watched.problems == []


def test_an_answer_is_rated_by_keyboard_and_it_is_still_known_after_a_reload(
    url: str, open_page: OpenPage
) -> None:
    watched = open_page(url, **PHONE)
    watched.ask("apples")
    page = watched.page
    answer = page.locator(".message").last
    good, bad = (answer.locator(f"[data-rating={rating}]") for rating in ("good", "bad"))
    pressed, said = "aria-pressed", page.locator("#announcer")

    bad.focus()
    page.keyboard.press("Enter")
    expect(bad).to_have_attribute(pressed, "true")
    rated = said.inner_text()
    page.keyboard.press("Tab")
    page.keyboard.type("Wrong.")
    page.keyboard.press("Enter")

    expect(answer.locator(".rating-form")).to_be_hidden()
    expect(bad).to_be_focused()
    expect(said).not_to_have_text(rated)
    page.reload()
    expect(bad).to_have_attribute(pressed, "true")
    good.tap()
    expect(good).to_have_attribute(pressed, "true")
    expect(bad).to_have_attribute(pressed, "false")
    good.tap()
    expect(good).to_have_attribute(pressed, "false")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert watched.problems == []


def test_an_answer_can_be_stopped_and_the_chat_goes_on(url: str, open_page: OpenPage) -> None:
    watched = open_page(url)
    watched.write("apples " * 40)
    watched.page.wait_for_selector(".message[data-state=streaming]")

    watched.page.click("#stop")

    watched.page.wait_for_selector("body[data-turn=idle] .message:last-child[data-state=stopped]")
    assert "pears" in watched.ask("pears")


def test_a_message_is_shown_and_never_run(url: str, open_page: OpenPage) -> None:
    watched = open_page(url)

    answer = watched.ask("<img src=x onerror=alert(1)> [x](javascript:alert(2))")

    assert "<img src=x onerror=alert(1)>" in answer
    content = watched.page.locator(".message .content")
    assert content.locator("img, script, iframe, a[href^=javascript]").count() == 0
    assert watched.problems == []


def test_an_answer_is_read_out_once_and_as_it_is_shown(url: str, open_page: OpenPage) -> None:
    watched = open_page(url, dressed=True)
    page = watched.page
    page.wait_for_selector("#connection[data-state=online]")
    page.evaluate("looks.said.length = 0")

    answer = watched.ask("**apples** and `pears`")

    assert "**" not in answer
    expect(page.locator("#announcer")).to_have_text(answer)
    assert page.evaluate("looks.said") == [" ".join(answer.split())]
    assert watched.problems == []


def test_shift_and_enter_break_the_line(url: str, open_page: OpenPage) -> None:
    page = open_page(url).page
    page.wait_for_selector("#connection[data-state=online]")
    page.type("#question", "apples")
    page.press("#question", "Shift+Enter")
    page.type("#question", "pears")

    assert page.input_value("#question") == "apples\npears"


def test_nothing_is_wider_than_a_small_phone(url: str, open_page: OpenPage) -> None:
    watched = open_page(url, width=360, height=740, has_touch=True, is_mobile=True)

    watched.ask("apples" * 60)

    assert watched.page.evaluate("document.documentElement.scrollWidth") <= 360


def test_an_access_token_is_asked_for_and_not_kept(
    start_bot: StartBot, open_page: OpenPage
) -> None:
    url = start_bot(BOTS["websocket-en"], AUTH_MODE="api_key", AUTH_API_KEYS="key-of-ana:ana")
    watched = open_page(url)
    watched.page.wait_for_selector("#token-dialog[open]")
    for _ in range(3):
        watched.page.keyboard.press("Escape")
    expect(watched.page.locator("#token")).to_be_focused()

    watched.page.fill("#token", "wrong")
    watched.page.keyboard.press("Enter")
    watched.page.wait_for_selector("#token-problem", state="visible")
    watched.page.fill("#token", "key-of-ana")
    watched.page.keyboard.press("Enter")

    assert "apples" in watched.ask("apples")
    assert "key-of-ana" not in watched.page.evaluate("JSON.stringify(localStorage)")


def test_a_person_answers_until_the_chat_is_given_back(url: str, open_page: OpenPage) -> None:
    watched = open_page(url)
    page, desk = watched.page, Desk(url)
    state = page.locator("#handoff")
    from_person = page.locator(".message[data-role=operator] .content")

    ticket = watched.ask_for_a_person()
    expect(state).to_have_attribute("data-state", "person")
    watched.write("apples")
    page.wait_for_selector("body[data-turn=idle]")
    expect(page.locator(".message[data-role=user]")).to_have_count(2)
    expect(page.locator(".message[data-role=assistant]")).to_have_count(1)
    desk.write(ticket, "One\n**two** <b>three</b>")
    expect(from_person).to_have_text("One\n**two** <b>three</b>", use_inner_text=True)
    expect(page.locator("#announcer")).to_contain_text("One")

    page.reload()
    expect(from_person).to_have_count(1)
    expect(state).to_have_attribute("data-state", "person")
    desk.write(ticket, "Four")
    expect(from_person.last).to_have_text("Four")

    desk.release(ticket)
    answer = watched.ask("pears")

    assert "pears" in answer
    expect(page.locator("body[data-handoff]")).to_have_count(0)
    assert watched.problems == []


def test_what_a_person_wrote_meanwhile_is_there_once_and_stays(
    url: str, open_page: OpenPage
) -> None:
    watched = open_page(url)
    page = watched.page
    from_person = page.locator(".message[data-role=operator] .content")
    ticket = watched.ask_for_a_person()

    page.goto("about:blank")
    Desk(url).write(ticket, "One")
    page.goto(url)
    expect(from_person).to_have_text(["One"])
    page.reload()
    expect(from_person).to_have_text(["One"])
    page.click("#new-chat")
    expect(page.locator("#handoff")).to_have_text("")
    page.locator("#chats .chat-open").first.click()

    expect(from_person).to_have_text(["One"])
    expect(page.locator("#handoff")).to_have_attribute("data-state", "person")
    assert watched.problems == []


def test_the_page_says_when_the_assistant_answers_again(
    start_bot: StartBot, open_page: OpenPage
) -> None:
    url = start_bot(BOTS["websocket-en"], **OPERATORS)
    watched = open_page(url)
    ticket = watched.ask_for_a_person()
    state = watched.page.locator("#handoff")
    expect(state).to_have_text("You are talking to a person.")

    Desk(url).release(ticket)

    expect(state).to_have_text("The assistant answers again.")
    watched.ask("apples")
    expect(state).to_have_text("")
    assert watched.problems == []


@pytest.mark.parametrize(
    ("language", "questions"),
    [
        ("pt-BR", ["Qual é o prazo de entrega?", "Quanto custa o moedor manual?"]),
        ("en", ["How long does delivery take?", "What does the hand grinder cost?"]),
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
    questions: list[str],
    screen: str,
    options: dict[str, Any],
) -> None:
    url = start_bot(LOOKED_AT[language], **OPERATORS)
    watched = open_page(url, dressed=True, color_scheme="light", reduced_motion="reduce", **options)
    for question in questions:
        watched.ask(question)

    picture = watched.page.screenshot()
    keep(picture, pictures / f"chat-{language}-{screen}.png")

    assert len(picture) > 10_000
    assert watched.problems == []
