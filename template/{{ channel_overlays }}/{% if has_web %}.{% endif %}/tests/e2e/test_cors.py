"""Which pages of other origins may read what the bot answers."""

import httpx
import pytest

from tests.support.bots import BotInside, BotsInside

OURS = "https://app.example.org"
THEIRS = "https://evil.example"


@pytest.fixture
def open_to_our_page(bots: BotsInside) -> BotInside:
    return bots(LLM_PROVIDER="offline", ALLOWED_ORIGINS=OURS)


def preflight(bot: BotInside, origin: str) -> httpx.Response:
    headers = {
        "Origin": origin,
        "Access-Control-Request-Method": "PATCH",
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    return httpx.options(f"{bot.url}/health", headers=headers)


def test_a_page_of_a_listed_origin_may(open_to_our_page: BotInside) -> None:
    answer = httpx.get(f"{open_to_our_page.url}/health", headers={"Origin": OURS})
    assert answer.headers["access-control-allow-origin"] == OURS
    assert "access-control-allow-credentials" not in answer.headers
    exposed = answer.headers["access-control-expose-headers"].split(", ")
    assert {"Retry-After", "X-Request-Id"} <= set(exposed)
    asked_before = preflight(open_to_our_page, OURS)
    assert asked_before.status_code == 200
    assert asked_before.headers["access-control-allow-origin"] == OURS


def test_it_may_read_of_a_mistake_of_the_bots_too(open_to_our_page: BotInside) -> None:
    async def broken() -> None:
        raise ZeroDivisionError

    open_to_our_page.app.get("/broken")(broken)
    answer = httpx.get(f"{open_to_our_page.url}/broken", headers={"Origin": OURS})
    assert answer.status_code == 500
    assert answer.headers["access-control-allow-origin"] == OURS


def test_a_page_of_another_origin_may_not(open_to_our_page: BotInside) -> None:
    answer = httpx.get(f"{open_to_our_page.url}/health", headers={"Origin": THEIRS})
    assert "access-control-allow-origin" not in answer.headers
    asked_before = preflight(open_to_our_page, THEIRS)
    assert asked_before.status_code == 400
    assert "access-control-allow-origin" not in asked_before.headers


def test_by_default_no_page_of_another_origin_may(bot: BotInside) -> None:
    answer = httpx.get(f"{bot.url}/health", headers={"Origin": THEIRS})
    assert "access-control-allow-origin" not in answer.headers
