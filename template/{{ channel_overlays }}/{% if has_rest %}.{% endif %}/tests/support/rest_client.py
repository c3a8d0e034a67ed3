"""A client of the REST API."""

import json
from typing import Any

import httpx

from tests.support.bots import Bot

PROBLEM_FIELDS = {"type", "title", "status", "code", "detail", "trace_id"}

_SECONDS = 10


def rest_client(bot: Bot, token: str | None = None) -> httpx.AsyncClient:
    """Return a client of the bot, for `async with`."""
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    return httpx.AsyncClient(base_url=bot.url, headers=headers, timeout=_SECONDS)


async def ask(
    rest: httpx.AsyncClient, user_id: str, question: str, **more: object
) -> dict[str, Any]:
    """Ask a question; return the answer."""
    body = {"user_id": user_id, "question": question, **more}
    response = await rest.post("/api/chats/completions", json=body)
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


def problem_code(response: httpx.Response) -> str:
    """Return the code of a problem, which has the form of RFC 9457 and nothing else."""
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert set(problem) == PROBLEM_FIELDS
    assert problem["status"] == response.status_code
    assert problem["title"] and problem["detail"]
    code: str = problem["code"]
    return code


def events_in(stream: str) -> list[dict[str, Any]]:
    """Return the events of a stream in the format of the HTML standard, "Server-sent events"."""
    assert stream.endswith("\n\n")
    events = []
    for block in stream.removesuffix("\n\n").split("\n\n"):
        name, data = block.split("\n")
        event = json.loads(data.removeprefix("data: "))
        assert name == f"event: {event['type']}"
        events.append(event)
    return events
