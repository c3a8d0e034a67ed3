"""A client of `/ws/chat/completions`."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from tests.support.asyncapi_schemas import check_event
from tests.support.bots import Bot

PATH = "/ws/chat/completions"

Event = dict[str, Any]

_SECONDS = 10


class ChatSocket:
    """One open connection."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    async def send(self, message: object) -> None:
        """Send text or bytes as they are, and anything else as JSON."""
        raw = message if isinstance(message, str | bytes) else json.dumps(message)
        await self.connection.send(raw)

    async def receive(self) -> Event:
        """Return the next event, which is as the protocol's documentation says."""
        async with asyncio.timeout(_SECONDS):
            event: Event = json.loads(await self.connection.recv())
        check_event(event)
        return event

    async def receive_until(self, *kinds: str) -> list[Event]:
        """Return the events up to the first of one of these types."""
        events = [await self.receive()]
        while events[-1]["type"] not in kinds:
            events.append(await self.receive())
        return events

    async def ask(self, user_id: str, question: str, **more: object) -> list[Event]:
        """Send a question; return the events of its turn."""
        await self.send({"user_id": user_id, "question": question, **more})
        return await self.receive_until("end", "error")

    async def is_silent(self, seconds: float = 0.2) -> bool:
        """Tell whether nothing arrives for so long."""
        try:
            async with asyncio.timeout(seconds):
                await self.connection.recv()
        except TimeoutError:
            return True
        return False


@asynccontextmanager
async def chat_socket(
    bot: Bot,
    *,
    headers: dict[str, str] | None = None,
    subprotocols: Sequence[str] = (),
    origin: str | None = None,
) -> AsyncIterator[ChatSocket]:
    """Connect, and take the `connected` event in."""
    async with connect(
        "ws" + bot.url.removeprefix("http") + PATH,
        additional_headers={**(headers or {}), **({"Origin": origin} if origin else {})},
        subprotocols=[Subprotocol(name) for name in subprotocols] or None,
        proxy=None,
        compression=None,
    ) as connection:
        socket = ChatSocket(connection)
        connected = await socket.receive()
        assert connected["type"] == "connected" and connected["message"]
        yield socket
