"""Who may use the REST API, and for whom they speak."""

import pytest

from tests.support.bots import BotInside, BotsInside
from tests.support.rest_client import ask, problem_code, rest_client

KEYS = "key-of-ana:ana,key-of-eva:eva,key-of-the-crm:*"
ROUTES = [
    ("GET", "/api/chats/"),
    ("GET", "/api/chats/chat_1/messages"),
    ("GET", "/api/chats/chat_1/sessions"),
    ("PATCH", "/api/chats/chat_1/title"),
    ("POST", "/api/chats/completions"),
]
BODY = {"title": "A title", "question": "Hello!"}


@pytest.fixture
def guarded(bots: BotsInside) -> BotInside:
    return bots(LLM_PROVIDER="offline", AUTH_MODE="api_key", AUTH_API_KEYS=KEYS)


@pytest.mark.parametrize(
    "authorization", ["", "Bearer", "Bearer wrong", "Basic key-of-ana", "key-of-ana", "Bearer é"]
)
@pytest.mark.parametrize(("method", "path"), ROUTES)
async def test_without_a_good_credential_every_route_is_closed(
    method: str, path: str, authorization: str, guarded: BotInside
) -> None:
    headers = [(b"Authorization", authorization.encode())] if authorization else []
    async with rest_client(guarded) as rest:
        body = None if method == "GET" else BODY
        response = await rest.request(method, path, json=body, headers=headers)
    assert (response.status_code, problem_code(response)) == (401, "unauthorized")
    assert response.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(("method", "path"), ROUTES)
async def test_a_credential_does_not_speak_for_another_user(
    method: str, path: str, guarded: BotInside
) -> None:
    async with rest_client(guarded, "key-of-ana") as rest:
        who = {"user_id": "eva"}
        body = None if method == "GET" else {**BODY, **who}
        response = await rest.request(method, path, params=who, json=body)
    assert (response.status_code, problem_code(response)) == (403, "forbidden")


async def test_a_credential_names_the_user(guarded: BotInside) -> None:
    async with rest_client(guarded, "key-of-ana") as rest:
        response = await rest.post("/api/chats/completions", json={"question": "Hello!"})
        chat_id = response.json()["chat_id"]
        mine = await rest.get(f"/api/chats/{chat_id}/messages")
        assert [m["role"] for m in mine.json()["items"]] == ["user", "assistant"]
    async with rest_client(guarded, "key-of-eva") as rest:
        theirs = await rest.get(f"/api/chats/{chat_id}/messages")
        assert (theirs.status_code, problem_code(theirs)) == (404, "chat_not_found")
        listed = (await rest.get("/api/chats/")).json()["items"]
        assert chat_id not in {chat["chat_id"] for chat in listed}


async def test_the_key_of_a_back_end_speaks_for_the_user_it_names(
    guarded: BotInside, user_id: str
) -> None:
    async with rest_client(guarded, "key-of-the-crm") as rest:
        await ask(rest, user_id, "Hello!")
        listed = await rest.get("/api/chats/", params={"user_id": user_id})
        assert len(listed.json()["items"]) == 1
        unnamed = await rest.get("/api/chats/")
        assert (unnamed.status_code, problem_code(unnamed)) == (422, "user_id_required")


async def test_operations_need_no_credential(guarded: BotInside) -> None:
    async with rest_client(guarded) as rest:
        for path in ("/health", "/ready", "/metrics"):
            assert (await rest.get(path)).status_code == 200
