"""The operators' routes, as their page and other programs use them."""

from collections.abc import Iterator

import httpx
import pytest
from fastapi.routing import iter_route_contexts

from app.core.service.operator import texts
from domain.dto.chat import Chat, Message, Session
from domain.dto.handoff import Ticket
from domain.ids import new_id, now_timestamp
from infra.dynamodb.dynamodb_client import DynamoDBClient
from infra.repositories.chat_repository import ChatRepository
from infra.repositories.ticket_repository import TicketRepository
from interface.application import create_application
from tests.support.bots import BotInside, BotsInside

KEY = "operator-key-for-tests"
WITH_KEY = {"Authorization": f"Bearer {KEY}"}


@pytest.fixture
def operators_bot(bots: BotsInside, table: str) -> Iterator[BotInside]:
    with bots.of_its_own(
        LLM_PROVIDER="offline", DDB_TABLE=table, OPERATOR_API_KEYS=f"{KEY}:Rita"
    ) as bot:
        yield bot


@pytest.fixture
async def ticket(dynamodb: DynamoDBClient) -> Ticket:
    """The open ticket of a chat with one question."""
    now = now_timestamp()
    question = Message(new_id("msg"), "chat_1", "ana", "user", "Where is it?", now)
    session = Session("sess_1", "chat_1", "ana", now, now)
    chat = Chat("chat_1", "Where is it?", "", now, now)
    await ChatRepository(dynamodb).save_question(question, session, chat)
    ticket = Ticket("T-1", "chat_1", "ana", "rest", "complaint", "Lost parcel", now, now)
    await TicketRepository(dynamodb).open(ticket)
    return ticket


async def test_the_routes_are_documented_where_somebody_can_use_them(
    bot: BotInside, operators_bot: BotInside
) -> None:
    async def documented(at: BotInside) -> bool:
        async with httpx.AsyncClient(base_url=at.url) as http:
            paths = (await http.get("/openapi.json")).json()["paths"]
        return any(path.startswith("/operator") for path in paths)

    assert await documented(operators_bot)
    assert not await documented(bot)


async def test_a_ticket_is_read_answered_and_released(
    operators_bot: BotInside, ticket: Ticket
) -> None:
    base = f"{operators_bot.url}/operator/api"
    async with httpx.AsyncClient(base_url=base, headers=WITH_KEY) as http:
        assert (await http.get("/me")).json() == {"operator": "Rita"}
        listed = (await http.get("/tickets")).json()
        assert listed == {
            "items": [
                {
                    "ticket_id": "T-1",
                    "chat_id": "chat_1",
                    "user_id": "ana",
                    "channel": "rest",
                    "reason": "complaint",
                    "summary": "Lost parcel",
                    "opened_at": ticket.opened_at,
                    "waiting_since": ticket.opened_at,
                }
            ],
            "next_cursor": None,
        }
        assert (await http.get("/chats/chat_1")).json() == listed["items"][0]
        written = await http.post("/chats/chat_1/messages", json={"text": "It is on its way."})
        assert written.status_code == 201
        messages = (await http.get("/chats/chat_1/messages")).json()["items"]
        assert [(m["role"], m["content"]) for m in messages] == [
            ("operator", "It is on its way."),
            ("user", "Where is it?"),
        ]
        assert messages[0] == written.json()
        assert (await http.post("/chats/chat_1/release")).status_code == 204
        gone = await http.get("/chats/chat_1")
        assert (gone.status_code, gone.json()["code"]) == (404, "ticket_not_found")
        assert (await http.get("/tickets")).json()["items"] == []


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer wrong", f"Basic {KEY}", KEY])
async def test_nobody_without_the_key_gets_anything(
    authorization: str, operators_bot: BotInside, ticket: Ticket
) -> None:
    headers = {"Authorization": authorization}
    routes = [
        (method, str(route.path).replace("{chat_id}", "chat_1"))
        for route in iter_route_contexts(create_application(operators_bot.container).routes)
        for method in route.methods or ()
        if str(route.path).startswith("/operator/api/")
    ]
    assert len(routes) >= 6
    async with httpx.AsyncClient(base_url=operators_bot.url, headers=headers) as http:
        for method, path in routes:
            refused = await http.request(method, path, json={"text": "Hello!"})
            assert refused.status_code == 401, f"{method} {path} is open"
            assert refused.json()["detail"] == texts.UNAUTHORIZED


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
async def test_a_page_of_another_site_is_refused_whatever_it_sends(
    site: str, operators_bot: BotInside, ticket: Ticket
) -> None:
    headers = {**WITH_KEY, "Sec-Fetch-Site": site}
    async with httpx.AsyncClient(base_url=operators_bot.url, headers=headers) as http:
        refused = await http.post("/operator/api/chats/chat_1/release")
        assert (refused.status_code, refused.json()["code"]) == (403, "cross_site")
        same_origin = await http.get(
            "/operator/api/chats/chat_1", headers={"Sec-Fetch-Site": "same-origin"}
        )
        assert same_origin.status_code == 200


@pytest.mark.parametrize("body", [{}, {"text": 5}, {"text": " "}, [], {"text": "a" * 5_000}])
async def test_a_message_that_is_none_is_refused(
    body: object, operators_bot: BotInside, ticket: Ticket
) -> None:
    url = f"{operators_bot.url}/operator/api/chats/chat_1/messages"
    async with httpx.AsyncClient(headers=WITH_KEY) as http:
        assert (await http.post(url, json=body)).status_code == 422


async def test_the_page_is_there_for_operators(operators_bot: BotInside) -> None:
    async with httpx.AsyncClient(base_url=operators_bot.url) as http:
        page = await http.get("/operator")
        assert page.status_code == 200
        assert "script-src 'self'" in page.headers["Content-Security-Policy"]
        assert (await http.get("/operator/page/nothing.js")).status_code == 404


@pytest.mark.parametrize("path", ["/operator", "/operator/page/index.html", "/operator/api/me"])
async def test_without_operators_there_are_no_operator_routes(path: str, bot: BotInside) -> None:
    async with httpx.AsyncClient(base_url=bot.url, headers=WITH_KEY) as http:
        assert (await http.get(path)).status_code == 404
