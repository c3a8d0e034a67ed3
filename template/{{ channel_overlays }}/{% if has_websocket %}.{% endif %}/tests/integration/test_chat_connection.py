"""A connection down to the order of its messages, which a network does not let a test choose."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from starlette.types import Message
from starlette.websockets import WebSocket

from app.core.service.auth.identity import ANYBODY, Identity
from app.core.service.chat.chat_following import ChatFollowing
from app.dependency_injection.application_container import ApplicationContainer
from interface.websocket import texts
from interface.websocket.chat_connection import ChatConnection
from tests.support.bedrock_fake import BedrockFake, Ending, Reply
from tests.support.logs import LogLines
from tests.support.waiting import eventually

SCOPE = {"type": "websocket", "path": "/", "headers": []}
QUESTION = {"user_id": "ana", "question": "Hello!"}
CANCEL = {"type": "cancel"}


class Client:
    """The other end of a connection, with no network between."""

    def __init__(self) -> None:
        self._arriving: asyncio.Queue[Message] = asyncio.Queue()
        self._arriving.put_nowait({"type": "websocket.connect"})
        self.events: list[dict[str, Any]] = []
        self.stops_reading_at = ""
        self.closed: tuple[int, str] | None = None
        self.raises: Exception | None = None
        self.reads = asyncio.Event()
        self.reads.set()
        self._changed = asyncio.Event()
        self.websocket = WebSocket(SCOPE, self._arriving.get, self._take)

    def send(self, *messages: dict[str, Any]) -> None:
        """Have these messages arrive at one and the same moment."""
        for message in messages:
            self._arriving.put_nowait({"type": "websocket.receive", "text": json.dumps(message)})

    def leave(self) -> None:
        self._arriving.put_nowait({"type": "websocket.disconnect", "code": 1000})

    async def until(self, *kinds: str) -> None:
        """Wait for the last event to be of one of these types."""
        async with asyncio.timeout(20):
            while not (self.events and self.events[-1]["type"] in kinds):
                self._changed.clear()
                await self._changed.wait()

    async def _take(self, message: Message) -> None:
        if message["type"] == "websocket.close":
            self.closed = (message["code"], message["reason"])
        if self.raises is not None:
            error, self.raises = self.raises, None
            raise error
        if message["type"] == "websocket.send":
            self.events.append(json.loads(message["text"]))
            self._changed.set()
            if self.events[-1]["type"] == self.stops_reading_at:
                self.reads.clear()
            # A client that does not read holds up the one who sends.
            await self.reads.wait()


Connect = Callable[..., Awaitable[Client]]


@pytest.fixture
async def clients(container: ApplicationContainer) -> AsyncIterator[Connect]:
    """Connects clients: `await clients(identity, idle_seconds)`."""
    connected: list[tuple[Client, asyncio.Task[None]]] = []

    async def connect(identity: Identity = ANYBODY, idle_seconds: int = 0) -> Client:
        client = Client()
        await client.websocket.accept()
        service = container.services.chat_service()
        following = ChatFollowing(container.repositories.chat_repository())
        feedback = container.services.feedback_service()
        connection = ChatConnection(
            client.websocket, service, following, feedback, identity, idle_seconds
        )
        connected.append((client, asyncio.create_task(connection.serve())))
        await client.until("connected")
        return client

    yield connect
    for client, serving in connected:
        client.reads.set()
        client.leave()
        await asyncio.wait_for(serving, 5)


@pytest.fixture
async def client(clients: Connect) -> Client:
    return await clients()


async def test_a_question_and_its_cancellation_at_once_leave_the_turn_before_alone(
    client: Client, bedrock: BedrockFake
) -> None:
    client.send(QUESTION)
    await client.until("end")
    finished = client.events[-1]["message_id"]
    client.send(QUESTION, CANCEL)
    await client.until("error")
    error = client.events[-1]
    assert error["code"] == "cancelled"
    assert error.get("message_id") != finished


@pytest.mark.parametrize("outcome", ["agent_response", "error"])
async def test_a_turn_whose_outcome_is_on_its_way_is_not_cancelled_any_more(
    outcome: str, client: Client, bedrock: BedrockFake
) -> None:
    bedrock.always(Reply() if outcome == "agent_response" else Reply(exception="throttling"))
    client.stops_reading_at = outcome
    client.send(QUESTION)
    await client.until(outcome)
    client.send(CANCEL)
    await asyncio.sleep(0.05)
    client.reads.set()
    await client.until("end", "error")
    await asyncio.sleep(0.05)
    kinds = [event["type"] for event in client.events]
    expected = ["agent_response", "end"] if outcome == "agent_response" else ["error"]
    assert kinds == ["connected", "start", *expected]


async def test_a_client_that_says_nothing_and_is_told_nothing_is_closed(clients: Connect) -> None:
    client = await clients(idle_seconds=1)
    connected_at = time.monotonic()
    await eventually(lambda: client.closed is not None)
    assert client.closed == (1001, texts.IDLE)
    assert time.monotonic() - connected_at > 0.9


async def test_who_waits_for_an_answer_is_not_idle(
    clients: Connect, bedrock: BedrockFake, monkeypatch: pytest.MonkeyPatch
) -> None:
    bedrock.will(Reply(ending=Ending.SILENCE))
    client = await clients(idle_seconds=1)
    client.send(QUESTION)
    await client.until("start")
    await asyncio.sleep(1.2)
    assert client.closed is None


async def test_a_connection_ends_with_the_credential_that_opened_it(clients: Connect) -> None:
    client = await clients(Identity("ana", expires_at=time.time() + 0.1))
    await eventually(lambda: client.closed is not None)
    assert client.closed == (1008, texts.CREDENTIAL_EXPIRED)


async def test_what_cannot_be_sent_ends_the_turn_as_an_internal_error(
    client: Client, bedrock: BedrockFake
) -> None:
    client.send(QUESTION)
    await client.until("start")
    client.raises = UnicodeEncodeError("utf-8", "\ud83d", 0, 1, "surrogates not allowed")
    await client.until("error")
    assert client.events[-1]["code"] == "internal_error"
    assert client.events[-1]["message_id"] == client.events[-2]["message_id"]
    client.send(QUESTION)
    await client.until("end")


async def test_an_answer_for_a_connection_that_was_closed_is_no_error_of_the_bot(
    client: Client, bedrock: BedrockFake, logs: LogLines
) -> None:
    bedrock.will(Reply(text=["piece "] * 100, pause=0.01))
    client.send({**QUESTION, "stream": True})
    await client.until("token")
    client.raises = RuntimeError("Unexpected ASGI message 'websocket.send'")
    await eventually(lambda: bedrock.requests[0].aborted, within=1)
    assert '"level": "error"' not in logs.text()
