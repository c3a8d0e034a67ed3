"""Who may use the REST API, and for whom they speak."""

from typing import Any

import httpx
import pytest
from fastapi.routing import iter_route_contexts

from interface.application import create_application
from tests.support.bots import BotInside, BotsInside
from tests.support.rest_client import ask, problem_code, rest_client

KEYS = "key-of-ana:ana,key-of-eva:eva,key-of-the-crm:*"
NO_CHAT = "chat_that_nobody_has"
BODY = {
    "title": "A title",
    "question": "Hello!",
    "model": "chatbot",
    "rating": "good",
    "messages": [{"role": "user", "content": "Hello!"}],
}
# They are about nobody.
MODELS = "/v1/models"


@pytest.fixture
def guarded(bots: BotsInside) -> BotInside:
    return bots(LLM_PROVIDER="offline", AUTH_MODE="api_key", AUTH_API_KEYS=KEYS)


def routes_of(bot: BotInside) -> list[tuple[str, str]]:
    """Return method and path of every route of the API, as the application itself has them."""
    found = [
        (method, str(route.path).replace("{chat_id}", NO_CHAT))
        for route in iter_route_contexts(create_application(bot.container).routes)
        for method in route.methods or ()
        if str(route.path).startswith(("/api/", "/v1/")) and "{path" not in str(route.path)
    ]
    assert len(found) >= 8
    return found


def code_of(response: httpx.Response) -> str:
    """Return the code of an error, which has the form that its route's clients expect."""
    if not response.request.url.path.startswith("/v1/"):
        return problem_code(response)
    assert set(response.json()) == {"error"}
    code: str = response.json()["error"]["code"]
    return code


def without_trace(response: httpx.Response) -> dict[str, Any]:
    """Return an error without the trace, which is each request's own."""
    body: dict[str, Any] = response.json()
    error = body.get("error", body)
    assert error.pop("trace_id")
    return body


@pytest.mark.parametrize(
    "authorization", ["", "Bearer", "Bearer wrong", "Basic key-of-ana", "key-of-ana", "Bearer é"]
)
async def test_without_a_good_credential_every_route_is_closed(
    authorization: str, guarded: BotInside
) -> None:
    headers = [(b"Authorization", authorization.encode())] if authorization else []
    async with rest_client(guarded) as rest:
        for method, path in routes_of(guarded):
            body = None if method == "GET" else BODY
            response = await rest.request(method, path, json=body, headers=headers)
            assert response.status_code == 401, f"{method} {path} is open"
            assert code_of(response) == "unauthorized"
            assert response.headers["www-authenticate"] == "Bearer"


async def test_a_credential_does_not_speak_for_another_user(guarded: BotInside) -> None:
    who = {"user_id": "eva", "user": "eva"}
    async with rest_client(guarded, "key-of-ana") as rest:
        for method, path in routes_of(guarded):
            if path.startswith(MODELS):
                continue
            body = None if method == "GET" else {**BODY, **who}
            response = await rest.request(method, path, params=who, json=body)
            assert response.status_code == 403, f"{method} {path} lets ana speak for eva"
            assert code_of(response) == "forbidden"


async def test_on_every_route_the_chat_of_another_is_as_one_that_does_not_exist(
    guarded: BotInside,
) -> None:
    async with rest_client(guarded, "key-of-ana") as rest:
        asked = await rest.post("/api/chats/completions", json={"question": "Hello!"})
        chat_id = asked.json()["chat_id"]
    async with rest_client(guarded, "key-of-eva") as rest:
        for method, path in routes_of(guarded):
            if path.rstrip("/") == "/api/chats" or path.startswith(MODELS):
                continue
            answers = []
            for named in (chat_id, NO_CHAT):
                body = None if method == "GET" else {**BODY, "chat_id": named}
                response = await rest.request(method, path.replace(NO_CHAT, named), json=body)
                answers.append((response.status_code, without_trace(response)))
            assert answers[0] == answers[1], f"{method} {path} tells of the chat of another"
            assert answers[0][0] == 404


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
