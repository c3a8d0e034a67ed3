"""The review's routes and page, as a browser and other programs use them."""

import json
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from app.core.service.operator import texts
from app.dependency_injection.application_container import ApplicationContainer
from domain.dto.chat import ChatRequest
from domain.dto.events import EndEvent
from domain.ids import now_timestamp
from tests.support.bot_folder import BOT_FOLDER
from tests.support.bots import BotInside, BotsInside
from tests.support.page_files import PageFiles

KEY = "operator-key-for-tests"
WITH_KEY = {"Authorization": f"Bearer {KEY}"}
PAGE = PageFiles(
    BOT_FOLDER / "interface" / "operator" / "review" / "static", "/operator/review/page/"
)
OPERATORS_PAGE = PageFiles(BOT_FOLDER / "interface" / "operator" / "static", "/operator/page/")


@pytest.fixture
def reviewed_bot(bots: BotsInside, table: str) -> Iterator[BotInside]:
    settings = {"DDB_TABLE": table, "OPERATOR_API_KEYS": f"{KEY}:Rita"}
    with bots.of_its_own(LLM_PROVIDER="offline", **settings) as bot:
        yield bot


@pytest.fixture
async def http(reviewed_bot: BotInside) -> AsyncIterator[httpx.AsyncClient]:
    base = f"{reviewed_bot.url}/operator/api/review"
    async with httpx.AsyncClient(base_url=base, headers=WITH_KEY) as http:
        yield http


async def talk(container: ApplicationContainer, user_id: str, question: str) -> EndEvent:
    """Ask beside the bot's server, as another replica would, and have the chat found."""
    request = ChatRequest(user_id, question, channel="rest")
    events = [event async for event in container.services.chat_service().run(request)]
    await container.services.review_index().write()
    end = events[-1]
    assert isinstance(end, EndEvent)
    return end


@pytest.fixture
async def end(container: ApplicationContainer, user_id: str) -> EndEvent:
    return await talk(container, user_id, f"{user_id}: (11) 98765-4321?")


async def test_a_chat_is_found_read_rated_and_collected(
    http: httpx.AsyncClient, end: EndEvent, user_id: str
) -> None:
    today = now_timestamp()[:10]
    for wanted in (
        {"chat_id": end.chat_id},
        {"user_id": user_id},
        {"text": user_id.upper(), "first_day": today, "last_day": today, "limit": "100"},
    ):
        found = (await http.get("/chats", params=wanted)).json()
        (chat,) = found["items"]
        assert (chat["chat_id"], chat["user"]) == (end.chat_id, user_id)
        assert chat["title"] == f"{user_id}: <phone>?"
    read = (await http.get(f"/chats/{end.chat_id}", params={"order": "asc"})).json()
    assert read["chat"]["title"] == chat["title"]
    question, answer = read["messages"]["items"]
    assert question["content"] == f"{user_id}: <phone>?"
    assert answer["message_id"] == end.message_id
    (step,) = answer["steps"]
    assert (step["node"], step["tools"], step["error"]) == ("respond", [], "")
    assert len(answer["trace_id"]) == 32

    url = f"/chats/{end.chat_id}/messages/{end.message_id}"
    rated = await http.post(f"{url}/feedback", json={"rating": "bad", "comment": "Wrong."})
    assert rated.json() == {"rating": "bad", "comment": "Wrong."}
    shown = (await http.get("/chats", params={"show": "bad", "limit": "100"})).json()["items"]
    assert end.chat_id in [item["chat_id"] for item in shown]
    assert (await http.post(f"{url}/feedback", json={"rating": None})).json() is None
    case = await http.post(f"{url}/case")
    assert case.status_code == 201
    assert json.loads(case.json()["line"])["turns"] == [{"says": f"{user_id}: <phone>?"}]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"show": "nothing"}, "invalid_request"),
        ({"first_day": "yesterday"}, "invalid_request"),
        ({"first_day": "2027-01-02", "last_day": "2027-01-01"}, "invalid_days"),
        ({"first_day": "2027-01-01", "last_day": "2027-02-01"}, "invalid_days"),
        ({"last_day": "0001-01-03"}, "invalid_days"),
        ({"cursor": "nonsense"}, "invalid_cursor"),
        ({"limit": "0"}, "invalid_request"),
        ({"text": "x" * 201}, "invalid_request"),
    ],
    ids=str,
)
async def test_what_cannot_be_looked_for_is_refused_with_the_reason(
    query: dict[str, str], code: str, http: httpx.AsyncClient
) -> None:
    refused = await http.get("/chats", params=query)
    assert (refused.status_code, refused.json()["code"]) == (422, code)


async def test_a_chat_or_an_answer_that_does_not_exist_is_not_found(
    http: httpx.AsyncClient, end: EndEvent
) -> None:
    nobodys = "msg_" + "0" * 32
    for method, path, code in (
        ("GET", "/chats/nowhere", "chat_not_found"),
        ("POST", f"/chats/nowhere/messages/{nobodys}/feedback", "chat_not_found"),
        ("POST", f"/chats/nowhere/messages/{nobodys}/case", "chat_not_found"),
        ("POST", f"/chats/{end.chat_id}/messages/{nobodys}/feedback", "message_not_found"),
        ("POST", f"/chats/{end.chat_id}/messages/{nobodys}/case", "message_not_found"),
    ):
        json_body = {"rating": "good"} if path.endswith("feedback") else None
        refused = await http.request(method, path, json=json_body)
        assert (refused.status_code, refused.json()["code"]) == (404, code), path


async def test_only_operators_on_the_bots_own_page_get_anything(reviewed_bot: BotInside) -> None:
    async with httpx.AsyncClient(base_url=reviewed_bot.url) as anybody:
        refused = await anybody.get("/operator/api/review/chats")
        assert (refused.status_code, refused.json()["detail"]) == (401, texts.UNAUTHORIZED)
        of_another_site = {**WITH_KEY, "Sec-Fetch-Site": "cross-site"}
        refused = await anybody.get("/operator/api/review/chats", headers=of_another_site)
        assert (refused.status_code, refused.json()["code"]) == (403, "cross_site")


@pytest.mark.parametrize("path", ["/operator/review", "/operator/api/review/chats"])
async def test_without_operators_there_is_nothing_to_review(path: str, bot: BotInside) -> None:
    async with httpx.AsyncClient(base_url=bot.url, headers=WITH_KEY) as http:
        assert (await http.get(path)).status_code == 404


async def test_everything_the_page_refers_to_is_served_and_nothing_is_left_over(
    reviewed_bot: BotInside,
) -> None:
    seen: set[str] = set()
    waiting = {"/operator/review"}
    async with httpx.AsyncClient(base_url=reviewed_bot.url) as client:
        while waiting:
            path = waiting.pop()
            seen.add(path)
            response = await client.get(path)
            assert response.status_code == 200, path
            assert "default-src 'none'" in response.headers["content-security-policy"]
            if not path.startswith(OPERATORS_PAGE.prefix):
                shared = OPERATORS_PAGE.references_by_address(response.text)
                waiting |= (PAGE.references(response.text) | shared) - seen
    own = {path for path in seen if not path.startswith(OPERATORS_PAGE.prefix)}
    assert own == {"/operator/review"} | {f"{PAGE.prefix}{name}" for name in PAGE.names}


def test_the_files_fit_together_and_their_policy() -> None:
    assert PAGE.blocked_by_policy() == []
    assert PAGE.unsafe_calls() == []
    assert PAGE.texts_not_both_written_and_used() == set()
    assert PAGE.elements_not_on_the_page() == set()
    assert PAGE.names_not_exported() == set()
    assert PAGE.names_not_exported_by(OPERATORS_PAGE) == set()


def test_every_control_has_a_name_for_screen_readers() -> None:
    assert PAGE.controls_without_a_name(frozenset({"ticket"})) == []
