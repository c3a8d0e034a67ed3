"""The routes of the WebSocket API: who may connect, what a client sends, and that it left.

Nothing is answered here that takes time: a question is checked, takes the connection's place for a
turn, and is handed over to the function that runs turns.
"""

import asyncio
import time
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import structlog
from structlog.contextvars import bind_contextvars

from app.core.config import Settings
from app.core.errors import business_error, explained
from app.core.ports.chat_storage import ChatStorage
from app.core.ports.connections import ConnectionSender, ConnectionStorage, TurnFunction
from app.core.service.auth.auth_service import AuthService
from app.core.service.auth.identity import Identity
from app.core.service.chat.question_check import check_question
from app.core.service.connection.chat_followers import ChatFollowers
from app.core.service.feedback.feedback_service import FeedbackService
from domain.dto.chat import Session
from domain.dto.connection import Connection, Counted, TurnOrder
from domain.dto.events import ErrorEvent
from domain.exceptions.business_exception import BusinessException
from domain.exceptions.connection import ConnectionGone, TurnInProgress, TurnNotStarted
from domain.exceptions.storage import StorageError
from domain.ids import new_id, now_timestamp
from interface.websocket import texts
from interface.websocket.chat_connection import CHANNEL
from interface.websocket.feedback_messages import keep_feedback
from interface.websocket.handshake import authenticate, bearer_subprotocol
from interface.websocket.incoming import parse_follow, parse_object, parse_question
from interface.websocket.origins import is_allowed

logger = structlog.get_logger(__name__)

# In ten seconds; far above anybody who types.
_MAX_REFUSALS = 100
# The same, where each costs several requests to the table.
_MAX_FOLLOWS = 30
_MAX_FEEDBACKS = 30

Event = Mapping[str, Any]
Response = dict[str, Any]

_OK: Response = {"statusCode": HTTPStatus.OK}


class SocketFunction:
    """Serves one event of API Gateway after the other."""

    def __init__(
        self,
        settings: Settings,
        auth_service: AuthService,
        connections: ConnectionStorage,
        followers: ChatFollowers,
        feedback_service: FeedbackService,
        chats: ChatStorage,
        sender: ConnectionSender,
        turns: TurnFunction,
    ) -> None:
        self._settings = settings
        self._auth_service = auth_service
        self._connections = connections
        self._followers = followers
        self._feedback_service = feedback_service
        self._chats = chats
        self._sender = sender
        self._turns = turns

    async def handle(self, event: Event) -> Response:
        """Serve an event; see "Working with WebSocket APIs" in API Gateway's developer guide."""
        context = event["requestContext"]
        connection_id: str = context["connectionId"]
        bind_contextvars(connection_id=connection_id)
        if context["eventType"] == "CONNECT":
            return await self._connect(connection_id, event)
        if context["eventType"] == "DISCONNECT":
            await self._disconnect(connection_id)
        else:
            await self._receive(connection_id, event)
        return _OK

    async def _connect(self, connection_id: str, event: Event) -> Response:
        headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
        allowed = self._settings.allowed_origins
        if not is_allowed(headers.get("origin"), headers.get("host"), allowed):
            return {"statusCode": HTTPStatus.FORBIDDEN}
        offered = headers.get("sec-websocket-protocol", "").split(",")
        subprotocol = bearer_subprotocol([name.strip() for name in offered])
        try:
            identity = await authenticate(
                self._auth_service, subprotocol, headers.get("authorization", "")
            )
            await self._connections.open(connection_id, identity.user_id, identity.expires_at)
            await self._turns.greet(connection_id)
        except BusinessException as error:
            is_refused = error.code == "unauthorized"
            status = HTTPStatus.UNAUTHORIZED if is_refused else HTTPStatus.SERVICE_UNAVAILABLE
            return {"statusCode": status}
        except (StorageError, TurnNotStarted) as error:
            logger.warning("connection_refused", reason=str(error))
            return {"statusCode": HTTPStatus.SERVICE_UNAVAILABLE}
        if subprotocol is None:
            return _OK
        return {**_OK, "headers": {"Sec-WebSocket-Protocol": subprotocol}}

    async def _disconnect(self, connection_id: str) -> None:
        sessions = await self._connections.close(connection_id)
        await asyncio.gather(*map(self._end, sessions))

    async def _end(self, session: Session) -> None:
        try:
            await self._chats.end_session(session, now_timestamp())
        except StorageError as error:
            logger.warning("session_not_ended", session_id=session.session_id, reason=str(error))

    async def _receive(self, connection_id: str, event: Event) -> None:
        try:
            connection = await self._connections.find(connection_id)
            if connection is None:
                return
            if connection.has_expired:
                await self._sender.disconnect(connection_id)
            else:
                await self._handle(connection, _text(event))
        except ConnectionGone:
            return
        except Exception as error:
            await self._refuse(connection_id, error)

    async def _handle(self, connection: Connection, text: str) -> None:
        value = parse_object(text)
        kind = value.get("type")
        identity = Identity(connection.user_id)
        if kind == "cancel":
            if connection.turn_id is not None:
                await self._connections.cancel_turn(connection.connection_id, connection.turn_id)
        elif kind == "follow":
            await self._follow(connection.connection_id, identity, value)
        elif kind == "feedback":
            await self._rate(connection.connection_id, identity, value)
        elif kind is not None:
            raise BusinessException("unknown_type", texts.UNKNOWN_TYPE)
        else:
            await self._ask(connection, identity, value)

    async def _follow(self, connection_id: str, identity: Identity, value: dict[str, Any]) -> None:
        body = parse_follow(value)
        if await self._connections.count(connection_id, Counted.FOLLOW) > _MAX_FOLLOWS:
            await self._sender.disconnect(connection_id)
            return
        user_id = identity.user_for(body.user_id)
        await self._followers.follow(connection_id, user_id, body.chat_id, body.after)

    async def _rate(self, connection_id: str, identity: Identity, value: dict[str, Any]) -> None:
        if await self._connections.count(connection_id, Counted.FEEDBACK) > _MAX_FEEDBACKS:
            await self._sender.disconnect(connection_id)
            return
        answer = await keep_feedback(self._feedback_service, identity, value)
        await self._sender.send(connection_id, answer)

    async def _ask(self, connection: Connection, identity: Identity, value: dict[str, Any]) -> None:
        if connection.turn_id is not None:
            raise BusinessException("turn_in_progress", texts.TURN_IN_PROGRESS)
        question = parse_question(value)
        request = question.to_request(identity.user_for(question.user_id), CHANNEL)
        check_question(request)
        order = TurnOrder(connection.connection_id, new_id("turn"), time.time(), request)
        try:
            await self._connections.begin_turn(order.connection_id, order.turn_id)
        except TurnInProgress as error:
            raise BusinessException("turn_in_progress", texts.TURN_IN_PROGRESS) from error
        try:
            await self._turns.answer(order)
        except TurnNotStarted as error:
            logger.warning("turn_not_started", reason=str(error))
            await self._connections.end_turn(order.connection_id, order.turn_id)
            raise business_error("internal_error") from error

    async def _refuse(self, connection_id: str, error: Exception) -> None:
        told = explained(error)
        if isinstance(error, StorageError):
            logger.warning("message_refused", code=told.code, reason=str(error))
        elif not isinstance(error, BusinessException):
            logger.exception("message_refused", code=told.code)
        try:
            await self._sender.send(connection_id, ErrorEvent(told.code, told.message).payload())
            if await self._connections.count(connection_id, Counted.REFUSAL) > _MAX_REFUSALS:
                await self._sender.disconnect(connection_id)
        except (ConnectionGone, StorageError) as failure:
            logger.warning("refusal_not_told", reason=type(failure).__name__)


def _text(event: Event) -> str:
    if event.get("isBase64Encoded"):
        raise BusinessException("binary_not_supported", texts.BINARY_NOT_SUPPORTED)
    return str(event.get("body") or "")
