"""Chats, messages, sessions and titles over HTTP."""

import re
from typing import Any

import httpx
import pytest

from domain.text import cut
from tests.support.bots import BotInside
from tests.support.rest_client import ask, problem_code, rest_client
from tests.support.tables import Tables

TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")


async def listed(rest: httpx.AsyncClient, path: str, **parameters: object) -> dict[str, Any]:
    response = await rest.get(path, params=parameters)  # type: ignore[arg-type]
    assert response.status_code == 200, response.text
    page: dict[str, Any] = response.json()
    assert page.keys() == {"items", "next_cursor"}
    return page


@pytest.mark.parametrize("path", ["/api/chats", "/api/chats/"])
async def test_the_list_is_the_same_with_and_without_the_slash(
    path: str, bot: BotInside, user_id: str
) -> None:
    async with rest_client(bot) as rest:
        answer = await ask(rest, user_id, "Hello!")
        (chat,) = (await listed(rest, path, user_id=user_id))["items"]
    assert chat["chat_id"] == answer["chat_id"]


async def test_what_was_said_can_be_listed(bot: BotInside, user_id: str) -> None:
    async with rest_client(bot) as rest:
        answer = await ask(rest, user_id, "First question\nof mine " + "x" * 60)
        ids = {"chat_id": answer["chat_id"], "session_id": answer["session_id"]}
        last = await ask(rest, user_id, "Second question", **ids)
        path = f"/api/chats/{answer['chat_id']}"
        (chat,) = (await listed(rest, "/api/chats/", user_id=user_id))["items"]
        messages = (await listed(rest, f"{path}/messages", user_id=user_id))["items"]
        (session,) = (await listed(rest, f"{path}/sessions", user_id=user_id))["items"]

    assert chat.keys() == {"chat_id", "title", "preview", "created_at", "updated_at"}
    assert chat["chat_id"] == answer["chat_id"]
    assert chat["title"] == "First question of mine " + "x" * 36 + "…"
    assert last["full_text"].startswith("> First question\nof mine ")
    assert chat["preview"].startswith("> First question of mine x")
    assert chat["preview"] == cut(last["full_text"], 120)
    assert [(m["role"], m["content"]) for m in messages] == [
        ("user", "First question\nof mine " + "x" * 60),
        ("assistant", answer["full_text"]),
        ("user", "Second question"),
        ("assistant", last["full_text"]),
    ]
    assert all(m.keys() == {"message_id", "role", "content", "created_at"} for m in messages)
    assert messages[1]["message_id"] == answer["message_id"]
    assert session == {
        "session_id": answer["session_id"],
        "user_id": user_id,
        "started_at": session["started_at"],
        "ended_at": None,
        "is_active": True,
    }
    times = [chat["created_at"], chat["updated_at"], session["started_at"]]
    times += [message["created_at"] for message in messages]
    assert all(TIMESTAMP.fullmatch(time) for time in times)
    assert times[3:] == sorted(times[3:])


async def test_lists_come_in_pages_in_either_order(bot: BotInside, user_id: str) -> None:
    async with rest_client(bot) as rest:
        created = [(await ask(rest, user_id, f"Chat {n}"))["chat_id"] for n in range(5)]

        async def pages(order: str) -> list[str]:
            seen: list[str] = []
            cursor: dict[str, str] = {}
            while True:
                page = await listed(
                    rest, "/api/chats/", user_id=user_id, limit=2, order=order, **cursor
                )
                seen += [chat["chat_id"] for chat in page["items"]]
                if page["next_cursor"] is None:
                    return seen
                cursor = {"cursor": page["next_cursor"]}

        assert await pages("asc") == created
        assert await pages("desc") == created[::-1]
        default = (await listed(rest, "/api/chats/", user_id=user_id))["items"]
        assert [chat["chat_id"] for chat in default] == created[::-1]


async def test_a_user_without_chats_has_an_empty_list(bot: BotInside, user_id: str) -> None:
    async with rest_client(bot) as rest:
        page = await listed(rest, "/api/chats/", user_id=user_id)
    assert page == {"items": [], "next_cursor": None}


async def test_a_title_is_tidied_and_then_stays(bot: BotInside, user_id: str) -> None:
    async with rest_client(bot) as rest:
        answer = await ask(rest, user_id, "Hello!")
        path = f"/api/chats/{answer['chat_id']}/title"
        response = await rest.patch(
            path,
            params={"user_id": user_id},
            json={"title": "  A title\n of my own ", "user_id": "eva", "partition_key": "x"},
        )
        assert response.status_code == 200
        renamed = response.json()
        assert renamed["title"] == "A title of my own"
        await ask(rest, user_id, "More", chat_id=answer["chat_id"])
        (chat,) = (await listed(rest, "/api/chats/", user_id=user_id))["items"]
    assert chat["title"] == "A title of my own"
    assert chat["created_at"] == renamed["created_at"]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ('{"title": ""}', 422, "invalid_title"),
        ('{"title": " \\n "}', 422, "invalid_title"),
        ('{"title": "' + "x" * 121 + '"}', 422, "invalid_title"),
        ('{"title": "' + "x" * 2_000 + '"}', 422, "invalid_request"),
        ('{"title": 42}', 422, "invalid_request"),
        ('{"title": null}', 422, "invalid_request"),
        ('{"title": NaN}', 422, "invalid_request"),
        ('{"title": "a\\ud83d"}', 422, "invalid_request"),
        ('{"name": "x"}', 422, "invalid_request"),
        ("{", 400, "invalid_json"),
    ],
)
async def test_what_is_no_title_is_a_problem(
    body: str, status: int, code: str, bot: BotInside, user_id: str
) -> None:
    async with rest_client(bot) as rest:
        answer = await ask(rest, user_id, "Hello!")
        response = await rest.patch(
            f"/api/chats/{answer['chat_id']}/title",
            params={"user_id": user_id},
            content=body,
            headers={"Content-Type": "application/json"},
        )
        assert (response.status_code, problem_code(response)) == (status, code)
        (chat,) = (await listed(rest, "/api/chats/", user_id=user_id))["items"]
    assert chat["title"] == "Hello!"


async def test_the_chat_of_another_is_not_found_whether_it_exists_or_not(
    bot: BotInside, user_id: str
) -> None:
    async with rest_client(bot) as rest:
        answer = await ask(rest, user_id, "Hello!")
        for stranger, chat_id in (("eva", answer["chat_id"]), (user_id, "chat_of_nobody")):
            path, who = f"/api/chats/{chat_id}", {"user_id": stranger}
            body = {"user_id": stranger, "question": "Hi", "chat_id": chat_id}
            for response in (
                await rest.get(f"{path}/messages", params=who),
                await rest.get(f"{path}/sessions", params=who),
                await rest.patch(f"{path}/title", params=who, json={"title": "Mine"}),
                await rest.post("/api/chats/completions", json=body),
            ):
                assert (response.status_code, problem_code(response)) == (404, "chat_not_found")


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("", "user_id_required"),
        ("user_id=", "invalid_request"),
        ("user_id=" + "x" * 201, "invalid_request"),
        ("user_id=ana&limit=0", "invalid_request"),
        ("user_id=ana&limit=101", "invalid_request"),
        ("user_id=ana&limit=1000000000", "invalid_request"),
        ("user_id=ana&limit=many", "invalid_request"),
        ("user_id=ana&order=random", "invalid_request"),
        ("user_id=ana&cursor=garbage", "invalid_cursor"),
        ("user_id=ana&cursor=", "invalid_cursor"),
        ("user_id=ana&cursor=%ff%fe", "invalid_cursor"),
        ("user_id=ana&cursor=" + "x" * 3_000, "invalid_request"),
    ],
)
async def test_what_no_list_can_be_made_of_is_a_problem(
    query: str, code: str, bot: BotInside
) -> None:
    async with rest_client(bot) as rest:
        response = await rest.get(f"/api/chats/?{query}")
    assert (response.status_code, problem_code(response)) == (422, code)


async def test_a_cursor_of_one_list_is_refused_by_another(bot: BotInside, user_id: str) -> None:
    async with rest_client(bot) as rest:
        answer = await ask(rest, user_id, "Hello!")
        path = f"/api/chats/{answer['chat_id']}/messages"
        page = await listed(rest, path, user_id=user_id, limit=1)
        response = await rest.get(
            "/api/chats/", params={"user_id": user_id, "cursor": page["next_cursor"]}
        )
    assert (response.status_code, problem_code(response)) == (422, "invalid_cursor")


@pytest.mark.parametrize("chat_id", ["x" * 201, "x" * 4_000])
async def test_a_chat_id_that_fits_into_no_key_is_a_problem(chat_id: str, bot: BotInside) -> None:
    async with rest_client(bot) as rest:
        response = await rest.get(f"/api/chats/{chat_id}/messages", params={"user_id": "ana"})
    assert (response.status_code, problem_code(response)) == (422, "invalid_request")


async def test_a_session_left_open_by_a_crash_reads_as_ended_a_day_later(
    bot: BotInside, tables: Tables, user_id: str
) -> None:
    async with rest_client(bot) as rest:
        answer = await ask(rest, user_id, "Hello!")
        chat_id, session_id = answer["chat_id"], answer["session_id"]
        table = bot.container.settings().ddb_table
        stored = tables.get(table, f"CHAT#{chat_id}", f"SESSION#{session_id}")
        tables.put(table, {**stored, "last_activity_at": {"S": "2020-01-01T00:00:00.000000Z"}})
        path = f"/api/chats/{chat_id}/sessions"
        (session,) = (await listed(rest, path, user_id=user_id))["items"]
        assert (session["ended_at"], session["is_active"]) == ("2020-01-02T00:00:00.000000Z", False)
        again = await ask(rest, user_id, "Back", chat_id=chat_id, session_id=session_id)
    assert again["session_id"] != session_id
