"""A person who goes on with a chat, over the socket."""

import time
from collections.abc import Iterator

import httpx
import pytest

from domain.ids import new_id
from tests.support.bots import BotInside, BotsInside
from tests.support.chat_socket import ChatSocket, Event, chat_socket
from tests.support.plain_agent import A_PERSON

KEY = "operator-key-for-tests"
# What is promised from an operator's message to its arrival, on any replica.
WITHIN_SECONDS = 2.0


@pytest.fixture(scope="module")
def replicas(bots: BotsInside) -> Iterator[tuple[BotInside, BotInside]]:
    """Two bots on one table: the user's, and the operator's."""
    settings = {"LLM_PROVIDER": "offline", "OPERATOR_API_KEYS": f"{KEY}:Rita"}
    with bots.replicas(**settings) as users_and_operators:
        yield users_and_operators


class Operator:
    """An operator with the key."""

    def __init__(self, bot: BotInside, chat_id: str) -> None:
        self._http = httpx.AsyncClient(
            base_url=f"{bot.url}/operator/api/chats/{chat_id}",
            headers={"Authorization": f"Bearer {KEY}"},
        )

    async def write(self, text: str) -> Event:
        message: Event = (await self._http.post("/messages", json={"text": text})).json()
        return message

    async def release(self) -> None:
        assert (await self._http.post("/release")).status_code == 204


async def hand_over(socket: ChatSocket, user_id: str) -> Event:
    *_, end = await socket.ask(user_id, A_PERSON)
    assert end["handoff"] is True
    return end


async def test_what_an_operator_writes_on_another_replica_arrives_in_time(
    replicas: tuple[BotInside, BotInside], user_id: str
) -> None:
    users, operators = replicas
    async with chat_socket(users) as socket:
        end = await hand_over(socket, user_id)
        ids = {"chat_id": end["chat_id"], "session_id": end["session_id"]}
        operator = Operator(operators, end["chat_id"])
        for text in ("Hello, this is Rita.", "How can I help?"):
            began = time.monotonic()
            written = await operator.write(text)
            assert await socket.receive() == {
                "type": "operator_message",
                "chat_id": end["chat_id"],
                "message_id": written["message_id"],
                "content": text,
                "created_at": written["created_at"],
            }
            assert time.monotonic() - began < WITHIN_SECONDS
            start, silent = await socket.ask(user_id, "Thanks!", **ids)
            assert start["type"] == "start"
            assert (silent["full_text"], silent["handoff"]) == ("", True)
        await operator.release()
        assert await socket.receive() == {"type": "handoff_ended", "chat_id": end["chat_id"]}
        *_, answered = await socket.ask(user_id, "Bot again?", **ids)
        assert "Bot again?" in answered["full_text"]
        assert "handoff" not in answered


async def test_what_was_written_while_the_client_was_away_is_not_lost(
    replicas: tuple[BotInside, BotInside], user_id: str
) -> None:
    users, operators = replicas
    async with chat_socket(users) as socket:
        end = await hand_over(socket, user_id)
    chat_id = end["chat_id"]
    operator = Operator(operators, chat_id)
    await operator.write("While you were away")
    follow = {"type": "follow", "user_id": user_id, "chat_id": chat_id}
    async with chat_socket(operators) as socket:
        await socket.send({**follow, "after": end["message_id"]})
        assert await socket.receive() == {"type": "following", "chat_id": chat_id, "handoff": True}
        missed = await socket.receive()
        assert missed["content"] == "While you were away"
        await operator.write("Now you are here")
        assert (await socket.receive())["content"] == "Now you are here"
        await socket.send({**follow, "after": missed["message_id"]})
        assert (await socket.receive())["type"] == "following"
        assert (await socket.receive())["content"] == "Now you are here"


async def test_a_chat_that_the_bot_has_is_only_told_as_such(
    replicas: tuple[BotInside, BotInside], user_id: str
) -> None:
    async with chat_socket(replicas[0]) as socket:
        *_, end = await socket.ask(user_id, "Hello!")
        await socket.send({"type": "follow", "user_id": user_id, "chat_id": end["chat_id"]})
        following = {"type": "following", "chat_id": end["chat_id"], "handoff": False}
        assert await socket.receive() == following
        assert await socket.is_silent()


async def test_nobody_follows_anothers_chat(
    replicas: tuple[BotInside, BotInside], user_id: str
) -> None:
    async with chat_socket(replicas[0]) as socket:
        end = await hand_over(socket, user_id)
        for chat_id in (end["chat_id"], "chat_unknown"):
            await socket.send({"type": "follow", "user_id": new_id("other"), "chat_id": chat_id})
            assert (await socket.receive())["code"] == "chat_not_found"


@pytest.mark.parametrize(
    "more", [{}, {"chat_id": 5}, {"chat_id": ""}, {"chat_id": "x" * 2_000}, {"after": 1}]
)
async def test_a_follow_that_is_none_is_refused(
    more: dict[str, object], replicas: tuple[BotInside, BotInside]
) -> None:
    async with chat_socket(replicas[0]) as socket:
        await socket.send({"type": "follow", "user_id": "ana", **more})
        assert (await socket.receive())["code"] == "invalid_request"
