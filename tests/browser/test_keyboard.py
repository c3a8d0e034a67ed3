"""The pages without a mouse."""

import pytest
from playwright.sync_api import Locator, Page, expect

from browser.page import LOOKED_AT, OPERATORS, OpenPage, StartBot

MOST_STOPS = 50


@pytest.fixture
def url(start_bot: StartBot) -> str:
    return start_bot(LOOKED_AT["en"], **OPERATORS)


def tab_to(page: Page, target: Locator, key: str = "Tab") -> None:
    """Press the Tab key until the target has the focus."""
    for _ in range(MOST_STOPS):
        page.keyboard.press(key)
        if target.evaluate("element => element === document.activeElement"):
            return
    pytest.fail(f"{target} is not reached with the {key} key")


def test_a_whole_conversation_needs_no_mouse(url: str, open_page: OpenPage) -> None:
    watched = open_page(url)
    page, press = watched.page, watched.page.keyboard.press
    page.wait_for_selector("#connection[data-state=online]")
    expect(page.locator("#question")).to_be_focused()

    page.keyboard.type("apples")
    press("Enter")
    watched.wait_for_answer()
    expect(page.locator("#question")).to_be_focused()
    tab_to(page, page.locator("#new-chat"))
    press("Enter")
    expect(page.locator(".message")).to_have_count(0)
    expect(page.locator("#question")).to_be_focused()
    page.keyboard.type("pears")
    press("Enter")
    watched.wait_for_answer()
    tab_to(page, page.locator(".chat-open", has_text="apples"), "Shift+Tab")
    press("Enter")

    expect(page.locator(".message[data-role=user] .content")).to_have_text("apples")
    expect(page.locator("#question")).to_be_focused()
    assert watched.problems == []


def test_a_chat_is_renamed_or_left_as_it_was(url: str, open_page: OpenPage) -> None:
    watched = open_page(url)
    page, press = watched.page, watched.page.keyboard.press
    watched.ask("apples")
    pencil = page.locator(".chat-rename")

    tab_to(page, pencil, "Shift+Tab")
    press("Enter")
    expect(page.locator(".chat-form input")).to_be_focused()
    page.keyboard.type("pears")
    press("Escape")
    expect(pencil).to_be_focused()
    expect(page.locator(".chat-title")).to_have_text("apples")
    press("Enter")
    page.keyboard.type("pears")
    press("Enter")

    expect(page.locator(".chat-title")).to_have_text("pears")
    expect(pencil).to_be_focused()
    assert watched.problems == []


def test_an_answer_is_stopped_with_escape_and_asked_for_again(
    url: str, open_page: OpenPage
) -> None:
    watched = open_page(url)
    page, press = watched.page, watched.page.keyboard.press
    watched.write("apples " * 40)
    page.wait_for_selector(".message[data-state=streaming]")

    press("Escape")
    page.wait_for_selector(".message[data-state=stopped]")
    expect(page.locator("#question")).to_be_focused()
    tab_to(page, page.get_by_role("button", name="Try again"), "Shift+Tab")
    press("Enter")

    watched.wait_for_answer()
    expect(page.locator(".message")).to_have_count(2)
    expect(page.locator("#question")).to_be_focused()
    assert watched.problems == []


def test_the_drawer_of_a_narrow_page_takes_the_focus_and_gives_it_back(
    url: str, open_page: OpenPage
) -> None:
    watched = open_page(url, width=400, height=700)
    page, press = watched.page, watched.page.keyboard.press
    watched.ask("apples")
    toggle = page.locator("#toggle-sidebar")

    tab_to(page, toggle, "Shift+Tab")
    press("Enter")
    expect(page.locator("#close-sidebar")).to_be_focused()
    tab_to(page, page.locator(".chat-open"))
    press("Escape")

    expect(toggle).to_be_focused()
    expect(page.locator("#sidebar")).to_be_hidden()


def test_the_skip_link_leads_to_the_message_field(url: str, open_page: OpenPage) -> None:
    watched = open_page(url)
    page, press = watched.page, watched.page.keyboard.press
    watched.ask("apples")
    skip = page.locator(".skip-link")

    tab_to(page, skip)
    expect(skip).to_be_in_viewport()
    press("Enter")

    expect(page.locator("#question")).to_be_focused()


def test_what_goes_away_hands_the_focus_on(url: str, open_page: OpenPage) -> None:
    watched = open_page(url, height=400)
    page = watched.page
    for question in ("apples", "pears"):
        watched.ask(question)

    page.locator("#scroller").focus()
    page.keyboard.press("Home")
    expect(page.locator("#jump")).to_be_visible()
    page.locator("#jump").focus()
    page.keyboard.press("Enter")

    expect(page.locator("#jump")).to_be_hidden()
    expect(page.locator("#question")).to_be_focused()
