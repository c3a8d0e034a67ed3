"""Turns for clients whose connection no process holds: each runs from start to end in one call."""

import asyncio
import time
from contextlib import aclosing, suppress
from dataclasses import replace
from enum import StrEnum

import structlog

from app.core.errors import business_error
from app.core.ports.connections import ConnectionSender, ConnectionStorage
from app.core.service.chat.chat_service import ChatService
from app.core.service.connection.chat_followers import ChatFollowers
from domain.dto.chat import ChatRequest, Session
from domain.dto.connection import TurnOrder
from domain.dto.events import (
    AgentResponseEvent,
    ChatEvent,
    EndEvent,
    ErrorEvent,
    StartEvent,
    TokenEvent,
)
from domain.exceptions.connection import ConnectionGone
from domain.exceptions.storage import StorageError
from interface.aws_lambda.token_batches import TokenBatches
from interface.websocket import texts

logger = structlog.get_logger(__name__)

# API Gateway knows a connection only after its $connect was answered.
_GREET_SECONDS = 10.0
_GREET_AGAIN_SECONDS = 0.05
# A client that cancels or leaves ends the model call within a second.
_LOOK_SECONDS = 0.5
# Lambda calls again a minute after a call broke off: by then the first has told its pieces, and
# nobody knows which.
_LATE_SECONDS = 45.0


class GivenUp(StrEnum):
    """Why a turn is not wanted any more."""

    CANCELLED = "cancelled"
    GONE = "gone"


class TurnFunction:
    """Greets new clients and answers their questions."""

    def __init__(
        self,
        chat_service: ChatService,
        connections: ConnectionStorage,
        followers: ChatFollowers,
        sender: ConnectionSender,
    ) -> None:
        self._chat_service = chat_service
        self._connections = connections
        self._followers = followers
        self._sender = sender

    async def answer(self, order: TurnOrder) -> None:
        """Run a turn and send its events, unless the client cancels it or leaves."""
        if time.time() - order.accepted_at > _LATE_SECONDS:
            await self._apologise(order)
            return
        turn = _Turn(order, self._chat_service, self._connections, self._followers, self._sender)
        running = asyncio.create_task(turn.run())
        looking = asyncio.create_task(self._until_given_up(order))
        await asyncio.wait({running, looking}, return_when=asyncio.FIRST_COMPLETED)
        if not running.done() and looking.result() is GivenUp.CANCELLED and turn.is_decided:
            # A turn whose outcome is on its way to the client is not given a second one.
            await asyncio.wait({running})
        if running.done():
            looking.cancel()
            running.result()
            return
        running.cancel()
        await asyncio.wait({running})
        await turn.give_up(looking.result())

    async def _apologise(self, order: TurnOrder) -> None:
        logger.warning("turn_too_late", turn_id=order.turn_id)
        await self._connections.end_turn(order.connection_id, order.turn_id)
        error = business_error("model_timeout")
        with suppress(ConnectionGone):
            await self._sender.send(
                order.connection_id, ErrorEvent(error.code, error.message).payload()
            )

    async def _until_given_up(self, order: TurnOrder) -> GivenUp:
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            try:
                connection = await self._connections.find(order.connection_id)
            except StorageError as error:
                logger.warning("connection_not_looked_at", reason=str(error))
                continue
            if connection is None:
                return GivenUp.GONE
            if connection.cancelled_turn_id == order.turn_id:
                return GivenUp.CANCELLED


async def greet(sender: ConnectionSender, connection_id: str) -> None:
    """Tell a new client that it is connected, as soon as it can be reached."""
    deadline = time.monotonic() + _GREET_SECONDS
    while time.monotonic() < deadline:
        with suppress(ConnectionGone):
            await sender.send(connection_id, {"type": "connected", "message": texts.CONNECTED})
            return
        await asyncio.sleep(_GREET_AGAIN_SECONDS)
    logger.info("client_left_before_it_was_greeted")


class _Turn:
    """One turn of one connection."""

    def __init__(
        self,
        order: TurnOrder,
        chat_service: ChatService,
        connections: ConnectionStorage,
        followers: ChatFollowers,
        sender: ConnectionSender,
    ) -> None:
        self._order = order
        self._chat_service = chat_service
        self._connections = connections
        self._followers = followers
        self._sender = sender
        self._tokens = TokenBatches(self._send)
        self._session: Session | None = None
        self._message_id: str | None = None
        self.is_decided = False

    async def run(self) -> None:
        try:
            request, session = await self._request_and_session()
            async with aclosing(self._chat_service.run(request, session)) as events:
                async for event in events:
                    await self._pass_on(event)
        except ConnectionGone:
            await self.give_up(GivenUp.GONE)
        finally:
            await self._tokens.drop()

    async def _request_and_session(self) -> tuple[ChatRequest, Session | None]:
        """Return the request, without a session that ended, or will, with another connection."""
        request = self._order.request
        if request.session_id is None:
            return request, None
        self._session = await self._connections.find_session(
            self._order.connection_id, request.session_id
        )
        if self._session is None:
            return replace(request, session_id=None), None
        return request, self._session

    async def give_up(self, why: GivenUp) -> None:
        """End the turn that was stopped before its outcome."""
        if why is GivenUp.GONE:
            if self._session is not None:
                await self._chat_service.end_session(self._session)
            return
        await self._free_place()
        with suppress(ConnectionGone):
            await self._send(ErrorEvent("cancelled", texts.CANCELLED, self._message_id))

    async def _pass_on(self, event: ChatEvent) -> None:
        if isinstance(event, TokenEvent):
            await self._tokens.add(event)
            return
        await self._tokens.finish()
        if isinstance(event, StartEvent):
            await self._begin(event)
        elif isinstance(event, AgentResponseEvent):
            self.is_decided = True
        else:
            self.is_decided = True
            await self._end(event)
        await self._send(event)

    async def _begin(self, event: StartEvent) -> None:
        self._message_id = event.message_id
        if self._session is None or self._session.session_id != event.session.session_id:
            await self._connections.keep_session(self._order.connection_id, event.session)
        self._session = event.session

    async def _end(self, event: ChatEvent) -> None:
        """Free the place first: the client may ask again as soon as it reads that the turn is over."""
        if isinstance(event, EndEvent) and event.handoff:
            await self._followers.handed_over(self._order.connection_id, event.chat_id)
        await self._free_place()

    async def _free_place(self) -> None:
        try:
            await self._connections.end_turn(self._order.connection_id, self._order.turn_id)
        except StorageError as error:
            # It frees itself a little later.
            logger.warning("turn_not_ended", turn_id=self._order.turn_id, reason=str(error))

    async def _send(self, event: ChatEvent) -> None:
        await self._sender.send(self._order.connection_id, event.payload())
