"""Thumbs for answers, over the REST API."""

import pytest

from domain.ids import new_id
from tests.support.bots import BotInside
from tests.support.rest_client import ask, problem_code, rest_client


async def test_a_thumb_is_kept_replaced_and_taken_back_and_the_history_shows_it(
    bot: BotInside, user_id: str
) -> None:
    async with rest_client(bot) as rest:
        answer = await ask(rest, user_id, "apples")
        messages = f"/api/chats/{answer['chat_id']}/messages"
        url = f"{messages}/{answer['message_id']}/feedback"

        async def shown() -> list[str | None]:
            page = (await rest.get(messages, params={"user_id": user_id})).json()
            return [message.get("rating") for message in page["items"]]

        assert await shown() == [None, None]
        for body, rating in (
            ({"rating": "good"}, "good"),
            ({"rating": "good"}, "good"),
            ({"rating": "bad", "comment": " Wrong. "}, "bad"),
            ({"rating": None, "comment": None}, None),
            ({"rating": "good", "comment": ""}, "good"),
        ):
            response = await rest.post(url, params={"user_id": user_id}, json=body)
            assert response.status_code == 200, response.text
            kept = response.json()
            assert (kept["message_id"], kept["rating"]) == (answer["message_id"], rating)
            assert kept["comment"] == ("Wrong." if rating == "bad" else "")
            assert await shown() == [None, rating]


async def test_another_ones_chat_is_as_one_that_does_not_exist_and_so_is_an_answer(
    bot: BotInside, user_id: str
) -> None:
    async with rest_client(bot) as rest:
        mine = await ask(rest, user_id, "apples")
        other = await ask(rest, user_id, "pears")
        page = await rest.get(f"/api/chats/{mine['chat_id']}/messages", params={"user_id": user_id})
        question_id = page.json()["items"][0]["message_id"]
        for who, chat_id, message_id, code in (
            ("somebody_else", mine["chat_id"], mine["message_id"], "chat_not_found"),
            (user_id, new_id("chat"), mine["message_id"], "chat_not_found"),
            (user_id, other["chat_id"], mine["message_id"], "message_not_found"),
            (user_id, mine["chat_id"], new_id("msg"), "message_not_found"),
            (user_id, mine["chat_id"], question_id, "message_not_found"),
            (user_id, mine["chat_id"], "nonsense", "message_not_found"),
        ):
            url = f"/api/chats/{chat_id}/messages/{message_id}/feedback"
            refused = await rest.post(url, params={"user_id": who}, json={"rating": "good"})
            assert (refused.status_code, problem_code(refused)) == (404, code)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "invalid_request"),
        ({"rating": "great"}, "invalid_request"),
        ({"rating": True}, "invalid_request"),
        ({"rating": "bad", "comment": 5}, "invalid_request"),
        ({"rating": "bad", "comment": "x" * 1_001}, "comment_too_long"),
        ({"rating": "bad", "comment": "x" * 20_000}, "invalid_request"),
    ],
    ids=str,
)
async def test_what_is_no_thumb_is_refused_with_the_reason(
    body: object, code: str, bot: BotInside, user_id: str
) -> None:
    async with rest_client(bot) as rest:
        answer = await ask(rest, user_id, "apples")
        url = f"/api/chats/{answer['chat_id']}/messages/{answer['message_id']}/feedback"
        refused = await rest.post(url, params={"user_id": user_id}, json=body)
        assert (refused.status_code, problem_code(refused)) == (422, code)
