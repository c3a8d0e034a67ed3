"""The conversation of the specification, with a client that knows its five events and no more."""

import asyncio
import json
import time
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect

from tests.conftest import StartBot
from tests.support.bots import Bot, BotInside, BotProcess

USER = "user_123"
KNOWN_EVENTS = {"connected", "start", "agent_response", "error", "end"}


class SimpleClient:
    """Sends what the specification says, and takes in what it names."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self.chat_id: str | None = None
        self.session_id: str | None = None

    async def connected(self) -> None:
        assert (await self._event())["type"] == "connected"

    async def send(self, question: str) -> None:
        payload = {
            "user_id": USER,
            "question": question,
            "chat_id": self.chat_id,
            "session_id": self.session_id,
        }
        await self._connection.send(json.dumps(payload))

    async def started(self) -> None:
        start = await self._event()
        assert start["type"] == "start"
        self.chat_id, self.session_id = start["chat_id"], start["session_id"]

    async def answer(self) -> str:
        response, end = await self._event(), await self._event()
        assert (response["type"], end["type"]) == ("agent_response", "end")
        assert response["content"] == end["full_text"]
        text: str = end["full_text"]
        return text

    async def ask(self, question: str) -> str:
        await self.send(question)
        await self.started()
        return await self.answer()

    async def _event(self) -> dict[str, Any]:
        async with asyncio.timeout(15):
            event: dict[str, Any] = json.loads(await self._connection.recv())
        assert event["type"] in KNOWN_EVENTS
        return event


def open_socket(bot: Bot) -> connect:
    return connect(f"ws{bot.url.removeprefix('http')}/ws/chat/completions", proxy=None)


async def items(bot: Bot, path: str) -> list[dict[str, Any]]:
    async with httpx.AsyncClient(base_url=bot.url) as http:
        response = await http.get(f"/api/chats/{path}", params={"user_id": USER})
    assert response.status_code == 200
    found: list[dict[str, Any]] = response.json()["items"]
    return found


async def test_a_conversation_outlives_its_connection_and_its_process(
    start_bot: StartBot,
) -> None:
    first, second = await asyncio.gather(start_bot(), start_bot())

    async with open_socket(first) as connection:
        client = SimpleClient(connection)
        await client.connected()
        answers = [await client.ask("Hello!"), await client.ask("Tell me more about you")]
        chat_id, session_id = client.chat_id, client.session_id

        (chat,) = await items(first, "")
        assert (chat["chat_id"], chat["title"]) == (chat_id, "Hello!")
        assert chat["preview"].rstrip("…") in " ".join(answers[1].split())
        messages = await items(first, f"{chat_id}/messages")
        assert [(m["role"], m["content"]) for m in messages] == [
            ("user", "Hello!"),
            ("assistant", answers[0]),
            ("user", "Tell me more about you"),
            ("assistant", answers[1]),
        ]
        (session,) = await items(first, f"{chat_id}/sessions")
        assert (session["session_id"], session["is_active"]) == (session_id, True)

        async with httpx.AsyncClient(base_url=second.url) as http:
            renamed = await http.patch(
                f"/api/chats/{chat_id}/title", params={"user_id": USER}, json={"title": "About me"}
            )
        assert renamed.json()["title"] == "About me"

    await until_ended(first, chat_id, session_id)
    await first.crash()

    async with open_socket(second) as connection:
        again = SimpleClient(connection)
        again.chat_id, again.session_id = chat_id, session_id
        await again.connected()
        await again.ask("Do you remember me?")
        assert again.chat_id == chat_id
        assert again.session_id != session_id
        (chat,) = await items(second, "")
        assert chat["title"] == "About me"
        await stops_after_the_running_turn(second, again)
    assert '"level": "error"' not in first.log() + second.log()


async def until_ended(bot: BotProcess, chat_id: str | None, session_id: str | None) -> None:
    deadline = time.monotonic() + 5
    while True:
        sessions = {s["session_id"]: s for s in await items(bot, f"{chat_id}/sessions")}
        if not sessions[str(session_id)]["is_active"]:
            assert sessions[str(session_id)]["ended_at"]
            return
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)


async def stops_after_the_running_turn(bot: BotProcess, client: SimpleClient) -> None:
    """Ask the process to stop in the middle of an answer, which is given all the same."""
    await client.send("One more thing")
    await client.started()
    started = time.monotonic()
    stopping = asyncio.create_task(bot.stop())
    assert await client.answer()
    assert await stopping == 0
    assert time.monotonic() - started < 30


async def test_both_ways_lead_to_the_same_chat(bot: BotInside) -> None:
    async with httpx.AsyncClient(base_url=bot.url) as http:
        body = {"user_id": USER, "question": "Hello over HTTP"}
        chat_id = (await http.post("/api/chats/completions", json=body)).json()["chat_id"]
    async with open_socket(bot) as connection:
        client = SimpleClient(connection)
        client.chat_id = chat_id
        await client.connected()
        answer = await client.ask("Hello over the socket")
    assert answer == "> Hello over HTTP\n> Hello over the socket"
    messages = await items(bot, f"{chat_id}/messages")
    assert [m["content"] for m in messages if m["role"] == "user"] == [
        "Hello over HTTP",
        "Hello over the socket",
    ]
