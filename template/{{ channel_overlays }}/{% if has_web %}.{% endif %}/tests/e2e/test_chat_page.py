"""The chat page as a browser receives it: what is served, with which headers, and that it is whole."""

import re
from pathlib import Path

import httpx
import pytest

from tests.support.bots import BotInside, BotsInside

STATIC = Path(__file__).parents[2] / "interface" / "web" / "static"
MODULES = {path.name: path.read_text("utf-8") for path in STATIC.glob("*.js")}
PAGE = (STATIC / "index.html").read_text("utf-8")


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
        waiting |= references(response.text) - seen

    assert seen == {"/"} | {f"/chat-page/{file.name}" for file in STATIC.iterdir()} - {
        "/chat-page/index.html"
    }


def references(text: str) -> set[str]:
    absolute = re.findall(r'(?:src|href)="(/chat-page/[^"]+)"', text)
    relative = re.findall(r'(?:from "\./|url\(")([\w.-]+)"', text)
    return {*absolute, *(f"/chat-page/{name}" for name in relative)}


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


def test_the_page_holds_nothing_its_policy_would_block() -> None:
    without_source = re.findall(r"<script(?![^>]*\ssrc=)", PAGE)
    inline = re.findall(r"<style|\sstyle=|\son\w+=|javascript:", PAGE)
    elsewhere = re.findall(r'(?:src|href)="(?!/chat-page/|#)[^"]*"', PAGE)

    assert (without_source, inline, elsewhere) == ([], [], [])


def test_no_module_turns_text_into_markup_or_code() -> None:
    unsafe = re.compile(
        r"innerHTML|outerHTML|insertAdjacentHTML|setHTML|document\.write|DOMParser|srcdoc"
        r"|createContextualFragment|\beval\b|new Function|setAttribute\(\"(?:style|on)"
    )

    found = {name: unsafe.findall(code) for name, code in MODULES.items()}

    assert not any(found.values()), found


def test_every_text_that_a_module_asks_for_is_written() -> None:
    code = "\n".join(MODULES.values())
    used = set(re.findall(r"(?<!/)\btexts\.(\w+)", code))
    nested = set(re.findall(r"\btexts\.\w+\.(\w+)", code))

    assert used == set(re.findall(r"^  (\w+):", MODULES["texts.js"], re.MULTILINE))
    assert nested <= set(re.findall(r"^    (\w+):", MODULES["texts.js"], re.MULTILINE))


def test_every_element_that_a_module_asks_for_is_on_the_page() -> None:
    code = "\n".join(MODULES.values())
    asked = set(re.findall(r'getElementById\("([\w-]+)"\)', code))

    assert asked
    assert asked <= set(re.findall(r'\bid="([\w-]+)"', PAGE))


def test_every_name_that_a_module_imports_is_exported() -> None:
    for name, code in MODULES.items():
        for names, source in re.findall(r'import \{([^}]+)\} from "\./([\w.-]+)"', code):
            imported = {part.strip() for part in names.split(",") if part.strip()}
            assert imported <= exports(source), (name, source)
        for alias, source in re.findall(r'import \* as (\w+) from "\./([\w.-]+)"', code):
            imported = set(re.findall(rf"\b{alias}\.(\w+)\(", code))
            assert imported <= exports(source), (name, source)


def exports(name: str) -> set[str]:
    exported = r"^export (?:async )?(?:const|function|class) (\w+)"
    return set(re.findall(exported, MODULES[name], re.MULTILINE))


def test_every_control_has_a_name_for_screen_readers() -> None:
    named_by_module = {"chat-rename", "chat-open"}
    for attributes, content in re.findall(r"<button([^>]*)>(.*?)</button>", PAGE, re.DOTALL):
        text = re.sub(r"<[^>]+>", "", content).strip()
        classes = set(" ".join(re.findall(r'class="([^"]*)"', attributes)).split())
        assert text or "aria-label=" in attributes or classes & named_by_module, attributes
    for field in re.findall(r"<(?:input|textarea)([^>]*)>", PAGE):
        (identity,) = re.findall(r'\bid="([\w-]+)"', field) or [""]
        assert "aria-label=" in field or f'for="{identity}"' in PAGE, field
