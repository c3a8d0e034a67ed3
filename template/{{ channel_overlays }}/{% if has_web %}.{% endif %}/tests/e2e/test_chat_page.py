"""The chat page as a browser receives it: what is served, with which headers, and that it is whole."""

import httpx
import pytest

from tests.support.bot_folder import BOT_FOLDER
from tests.support.bots import BotInside, BotsInside
from tests.support.page_files import PageFiles

PAGE = PageFiles(BOT_FOLDER / "interface" / "web" / "static", "/chat-page/")


async def get(bot: BotInside, path: str, **headers: str) -> httpx.Response:
    async with httpx.AsyncClient(base_url=bot.url) as client:
        return await client.get(path, headers=headers)


@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/chat-page/chat.js", "text/javascript; charset=utf-8"),
        ("/chat-page/texts.js", "text/javascript; charset=utf-8"),
        ("/chat-page/chat.css", "text/css; charset=utf-8"),
        ("/chat-page/icon.svg", "image/svg+xml"),
    ],
)
async def test_files_are_served_with_their_type_and_a_strict_policy(
    bot: BotInside, path: str, content_type: str
) -> None:
    response = await get(bot, path)

    assert response.status_code == 200
    assert response.headers["content-type"] == content_type
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["referrer-policy"] == "same-origin"
    assert response.headers["cache-control"] == "no-cache"
    policy = dict(
        part.strip().partition(" ")[::2]
        for part in response.headers["content-security-policy"].split(";")
    )
    assert policy == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "connect-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }


async def test_a_file_the_browser_has_is_not_sent_again(bot: BotInside) -> None:
    etag = (await get(bot, "/")).headers["etag"]

    for known in (etag, f"W/{etag}", f'"another", {etag}', "*"):
        response = await get(bot, "/", **{"If-None-Match": known})
        assert (response.status_code, response.content) == (304, b""), known
        assert response.headers["etag"] == etag
    assert (await get(bot, "/", **{"If-None-Match": '"another"'})).status_code == 200


async def test_everything_the_page_refers_to_is_served_and_nothing_is_left_over(
    bot: BotInside,
) -> None:
    seen: set[str] = set()
    waiting = {"/"}
    while waiting:
        path = waiting.pop()
        seen.add(path)
        response = await get(bot, path)
        assert response.status_code == 200, path
        waiting |= PAGE.references(response.text) - seen

    assert seen == {"/"} | {f"/chat-page/{name}" for name in PAGE.names}


@pytest.mark.parametrize(
    "path",
    ["/chat-page/missing.js", "/chat-page/", "/chat-page/..%2Fchat_page.py", "/chat-page/%00"],
)
async def test_other_paths_are_not_found(bot: BotInside, path: str) -> None:
    assert (await get(bot, path)).status_code == 404


async def test_the_page_learns_who_answers_and_that_no_token_is_needed(bot: BotInside) -> None:
    response = await get(bot, "/chat-page/settings.json")

    assert response.json() == {"auth_mode": "none", "llm_provider": "offline"}
    assert response.headers["cache-control"] == "no-store"


async def test_the_page_and_its_settings_need_no_token_themselves(bots: BotsInside) -> None:
    bot = bots(LLM_PROVIDER="offline", AUTH_MODE="api_key", AUTH_API_KEYS="a-key:a-user")

    assert (await get(bot, "/")).status_code == 200
    settings = await get(bot, "/chat-page/settings.json")

    assert settings.json()["auth_mode"] == "api_key"
    assert "a-key" not in settings.text


async def test_the_page_can_be_switched_off(bots: BotsInside) -> None:
    bot = bots(LLM_PROVIDER="offline", CHAT_PAGE_ENABLED="false")

    for path in ("/", "/chat-page/chat.js", "/chat-page/settings.json"):
        assert (await get(bot, path)).status_code == 404, path
    assert (await get(bot, "/health")).status_code == 200


def test_the_files_fit_together_and_their_policy() -> None:
    assert PAGE.blocked_by_policy() == []
    assert PAGE.unsafe_calls() == []
    assert PAGE.texts_not_both_written_and_used() == set()
    assert PAGE.elements_not_on_the_page() == set()
    assert PAGE.names_not_exported() == set()


def test_every_control_has_a_name_for_screen_readers() -> None:
    assert PAGE.controls_without_a_name(frozenset({"chat-rename", "chat-open"})) == []
