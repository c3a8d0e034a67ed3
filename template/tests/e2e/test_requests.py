"""What every HTTP request and answer has in common."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI
from fastapi.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from domain.ids import trace_id_of
from interface.middleware import RequestContext
from tests.support.bots import BotInside, BotsInside
from tests.support.logs import LogLines


async def broken() -> None:
    raise ZeroDivisionError("internal detail")


async def broken_in_the_middle() -> StreamingResponse:
    async def lines() -> AsyncIterator[str]:
        yield "first\n"
        raise ZeroDivisionError("internal detail")

    return StreamingResponse(lines())


def client(bot: BotInside) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=bot.url)


@pytest.mark.parametrize("path", ["/health", "/ready", "/metrics", "/no/such/path"])
async def test_every_answer_has_an_id_of_its_own_and_safe_headers(
    path: str, bot: BotInside
) -> None:
    async with client(bot) as http:
        first, second = await http.get(path), await http.get(path)
    assert first.headers["x-request-id"].startswith("req_")
    assert first.headers["x-request-id"] != second.headers["x-request-id"]
    assert first.headers["x-content-type-options"] == "nosniff"
    assert first.headers["referrer-policy"] == "no-referrer"
    assert first.headers["cache-control"] == "no-store"
    assert first.headers["x-frame-options"] == "DENY"
    assert first.headers["content-security-policy"].startswith("default-src 'none'")
    assert "geolocation=()" in first.headers["permissions-policy"]
    assert "strict-transport-security" not in first.headers
    assert "server" not in first.headers


async def test_in_production_browsers_are_told_to_come_by_https_alone() -> None:
    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        await Response()(scope, receive, send)

    transport = httpx.ASGITransport(RequestContext(answer, https_only=True))
    async with httpx.AsyncClient(transport=transport, base_url="http://bot") as http:
        response = await http.get("/")
    assert response.headers["strict-transport-security"] == "max-age=31536000"


async def test_a_mistake_is_a_problem_without_internals_and_is_logged_once_with_the_id(
    bots: BotsInside, logs: LogLines
) -> None:
    with bots.of_its_own(LLM_PROVIDER="offline") as bot:
        add_routes(bot.app)
        async with client(bot) as http:
            response = await http.get("/broken")
    assert response.status_code == 500
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["code"] == "internal_error"
    assert "internal detail" not in response.text
    (line,) = logs.events("request_failed")
    assert line["request_id"] == response.headers["x-request-id"]
    assert line["trace_id"] == response.json()["trace_id"] == trace_id_of(line["request_id"])
    assert line["exception"][0]["exc_value"] == "internal detail"
    assert logs.text().count("ZeroDivisionError") == 1


async def test_a_mistake_in_the_middle_of_an_answer_cuts_it_off(
    bots: BotsInside, logs: LogLines
) -> None:
    with bots.of_its_own(LLM_PROVIDER="offline") as bot:
        add_routes(bot.app)
        async with client(bot) as http:
            with pytest.raises(httpx.RemoteProtocolError):
                await http.get("/broken-in-the-middle")
            assert (await http.get("/health")).status_code == 200
    assert logs.events("request_failed")


def add_routes(app: FastAPI) -> None:
    """Add the routes of an owner who makes mistakes."""
    app.get("/broken")(broken)
    app.get("/broken-in-the-middle")(broken_in_the_middle)
