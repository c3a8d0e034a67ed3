"""The review page in a real browser, on a real bot with the offline model."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from browser.page import BOTS, OPERATORS, PHONE, OpenPage, StartBot, Watched

# A chat that nobody rated is in the list of its day so much later.
IN_THE_LIST_MS = 30_000


@pytest.fixture
def url(start_bot: StartBot) -> str:
    return start_bot(BOTS["websocket+rest-pt-BR"], **OPERATORS)


@pytest.fixture
def user(url: str, open_page: OpenPage) -> Watched:
    """Somebody at the chat page."""
    return open_page(url)


def reviewer(open_page: OpenPage, url: str, **options: object) -> Watched:
    """Open the page and sign in."""
    reviewer = open_page(f"{url}/operator/review", **options)
    reviewer.sign_in()
    reviewer.page.wait_for_selector("#desk")
    return reviewer


def rate(user: Watched, rating: str) -> None:
    """Rate the last answer."""
    thumb = user.page.locator(f".message:last-child .rating [data-rating={rating}]")
    thumb.click()
    expect(thumb).to_have_attribute("aria-pressed", "true")


def search(page: Page, show: str) -> None:
    page.select_option("#show", show)
    page.click("#search [type=submit]")


def test_a_bad_answer_is_found_read_judged_and_collected(
    url: str, open_page: OpenPage, user: Watched, tmp_path: Path
) -> None:
    user.ask("My number is (11) 98765-4321")
    rate(user, "bad")
    watched = reviewer(open_page, url)
    page = watched.page

    search(page, "bad")
    page.locator("#chats button", has_text="My number is <phone>").first.click()

    answer = page.locator(".message[data-role=assistant]")
    expect(page.locator("#reading-heading")).to_be_focused()
    expect(page.locator(".message[data-role=user] .content")).to_have_text(
        "My number is <phone>", use_inner_text=True
    )
    expect(answer.locator(".user-rating")).to_be_visible()
    answer.locator(".steps summary").press("Enter")
    expect(answer.locator(".node")).to_have_text(["process_message", "respond"])
    good = answer.locator("[data-rating=good]")
    good.press("Enter")
    expect(good).to_have_attribute("aria-pressed", "true")
    answer.locator(".judging input").fill("Well done.")
    answer.locator(".judging input").press("Enter")
    expect(page.locator("#announcer")).to_have_text("Comentário gravado.")
    answer.locator(".collect").click()
    with page.expect_download() as download:
        answer.locator(".download").click()
    download.value.save_as(tmp_path / "case.jsonl")
    case = json.loads((tmp_path / "case.jsonl").read_text("utf-8"))
    assert case["turns"] == [{"says": "My number is <phone>"}]

    page.reload()
    expect(good).to_have_attribute("aria-pressed", "true")
    expect(answer.locator(".judging input")).to_have_value("Well done.")
    assert watched.problems == []


def test_every_chat_is_in_the_list_of_its_day_and_the_desk_is_one_click_away(
    url: str, open_page: OpenPage, user: Watched
) -> None:
    user.ask("maracujás")
    watched = reviewer(open_page, url)
    page = watched.page
    row = page.locator("#chats button", has_text="maracujás")

    page.fill("#wanted", "MARACUJAS")
    for _ in range(IN_THE_LIST_MS // 2_000):
        search(page, "chat")
        page.wait_for_timeout(2_000)
        if row.count():
            break

    expect(row).to_have_count(1)
    page.click("a[href='/operator']")
    expect(page.locator("#tickets-heading")).to_be_visible()
    page.click("a[href='/operator/review']")
    expect(page.locator("#operator")).to_have_text("Operator")
    page.select_option("#by", "chat_id")
    expect(page.locator("#show")).to_be_hidden()
    page.fill("#wanted", "nowhere")
    page.press("#wanted", "Enter")
    expect(page.locator("#chats-status")).to_have_text("Nenhuma conversa encontrada.")
    assert watched.problems == []


def test_a_phone_shows_the_list_and_then_the_chat(
    url: str, open_page: OpenPage, user: Watched
) -> None:
    user.ask("apples " * 40)
    rate(user, "good")
    watched = reviewer(open_page, url, **PHONE)
    page = watched.page
    search(page, "good")

    page.locator("#chats button").first.tap()
    expect(page.locator("#reading")).to_be_visible()
    expect(page.locator("#chats")).to_be_hidden()
    page.locator(".steps summary").last.tap()

    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.tap("#back")
    expect(page.locator("#chats button").first).to_be_focused()
    assert watched.problems == []
