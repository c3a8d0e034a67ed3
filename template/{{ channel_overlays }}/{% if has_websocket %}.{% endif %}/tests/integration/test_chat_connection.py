"""A connection down to the order of its messages, which a network does not let a test choose."""

import asyncio
import json
from typing import Any

import pytest
from starlette.types import Message
from starlette.websockets import WebSocket

from app.core.service.auth.identity import Identity
from app.core.service.chat.chat_following import ChatFollowing
from app.dependency_injection.application_container import ApplicationContainer
from interface.websocket.chat_connection import ChatConnection
from tests.support.bedrock_fake import BedrockFake, Reply

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
        async with asyncio.timeout(5):
            while not (self.events and self.events[-1]["type"] in kinds):
                self._changed.clear()
                await self._changed.wait()

    async def _take(self, message: Message) -> None:
        if message["type"] == "websocket.send":
            self.events.append(json.loads(message["text"]))
            self._changed.set()
            if self.events[-1]["type"] == self.stops_reading_at:
                self.reads.clear()
            # A client that does not read holds up the one who sends.
            await self.reads.wait()


@pytest.fixture
async def client(container: ApplicationContainer) -> Any:
    client = Client()
    await client.websocket.accept()
    service = container.services.chat_service()
    following = ChatFollowing(container.repositories.chat_repository())
    connection = ChatConnection(client.websocket, service, following, Identity(user_id=None))
    serving = asyncio.create_task(connection.serve())
    await client.until("connected")
    yield client
    client.reads.set()
    client.leave()
    await asyncio.wait_for(serving, 5)


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
