"""One client's connection: its questions one at a time, its sessions, its end."""

import asyncio
import json
import math
import time
from collections.abc import Mapping
from contextlib import aclosing, suppress
from typing import Literal, NoReturn, TypedDict

import structlog
from fastapi import WebSocket
from starlette.types import Message
from starlette.websockets import WebSocketDisconnect
from structlog.contextvars import bind_contextvars

from app.core.errors import business_error
from app.core.service.auth.identity import Identity
from app.core.service.chat.chat_following import ChatFollowing
from app.core.service.chat.chat_service import ChatService
from app.core.service.chat.question_check import check_question
from app.core.service.feedback.feedback_service import FeedbackService
from domain.dto.chat import ChatRequest, Session
from domain.dto.events import AgentResponseEvent, EndEvent, ErrorEvent, StartEvent
from domain.dto.following import Payload
from domain.exceptions.business_exception import BusinessException
from domain.exceptions.storage import StorageError
from domain.ids import new_id
from interface.websocket import texts
from interface.websocket.chat_follower import ChatFollower
from interface.websocket.feedback_messages import keep_feedback
from interface.websocket.incoming import parse_follow, parse_object, parse_question
from interface.websocket.token_bucket import TokenBucket

logger = structlog.get_logger(__name__)

CHANNEL = "websocket"
# The longest question with every character escaped, and room for the ids.
MAX_MESSAGE_BYTES = 256 * 1024
# A client that keeps opening chats on one connection has its oldest session ended.
_MAX_OPEN_SESSIONS = 1000
# In ten seconds. Far above anybody who types; a client in a loop is cut off within a second.
_REFUSALS = 100
# Each costs a read of the table; a page asks once for each chat that it opens.
_FOLLOWS = 20
# Each costs a few requests to the table; nobody reads answers faster.
_FEEDBACKS = 20
_GOING_AWAY = 1001
_POLICY_VIOLATION = 1008
# No close frame can tell this one: the connection is gone.
_ABNORMAL_CLOSURE = 1006

# One encoder for all: json.dumps would make one for each piece of an answer.
_encode = json.JSONEncoder(ensure_ascii=False).encode


class ConnectedPayload(TypedDict):
    type: Literal["connected"]
    message: str


class ChatConnection:
    """Serves one accepted socket until it is closed.

    It closes a client that says nothing and is told nothing for `idle_seconds` (0: never) with 1001, and
    one whose credential has expired, or who floods it, with 1008.
    """

    def __init__(
        self,
        websocket: WebSocket,
        chat_service: ChatService,
        following: ChatFollowing,
        feedback_service: FeedbackService,
        identity: Identity,
        idle_seconds: int,
    ) -> None:
        self._websocket = websocket
        self._chat_service = chat_service
        self._feedback_service = feedback_service
        self._follower = ChatFollower(following, self._send)
        self._identity = identity
        self._sessions: dict[str, Session] = {}
        self._turn: asyncio.Task[None] | None = None
        self._message_id: str | None = None
        self._is_decided = False
        self._refusals = TokenBucket(_REFUSALS)
        self._follows = TokenBucket(_FOLLOWS)
        self._feedbacks = TokenBucket(_FEEDBACKS)
        self._clock = asyncio.get_running_loop().time
        self._idle_seconds = idle_seconds or math.inf
        self._active_at = self._clock()
        left = math.inf if identity.expires_at is None else identity.expires_at - time.time()
        self._expires_at = self._clock() + left

    async def serve(self) -> None:
        """Answer questions until the client leaves; then cancel what runs and end its sessions."""
        bind_contextvars(connection_id=new_id("conn"))
        logger.info("socket_opened")
        try:
            connected: ConnectedPayload = {"type": "connected", "message": texts.CONNECTED}
            await self._send(connected)
            while True:
                await self._receive()
        except WebSocketDisconnect:
            pass
        finally:
            await self._stop_turn()
            await self._follower.stop()
            await asyncio.gather(*map(self._end, self._sessions.values()))
            logger.info("socket_closed")

    async def _receive(self) -> None:
        message = await self._next()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", 1005))
        try:
            await self._handle(_text(message))
        except BusinessException as error:
            await self._refuse(error)

    async def _next(self) -> Message:
        while True:
            ends_at = min(self._active_at + self._idle_seconds, self._expires_at)
            try:
                async with asyncio.timeout_at(None if ends_at == math.inf else ends_at):
                    message = await self._websocket.receive()
            except TimeoutError:
                if self._clock() >= self._expires_at:
                    await self._close(_POLICY_VIOLATION, texts.CREDENTIAL_EXPIRED)
                if self._is_answering():
                    self._active_at = self._clock()
                if self._clock() >= self._active_at + self._idle_seconds:
                    await self._close(_GOING_AWAY, texts.IDLE)
            else:
                self._active_at = self._clock()
                return message

    async def _handle(self, text: str) -> None:
        value = parse_object(text)
        kind = value.get("type")
        if kind == "cancel":
            await self._cancel()
        elif kind == "follow":
            body = parse_follow(value)
            if not self._follows.admits():
                await self._close(_POLICY_VIOLATION, texts.TOO_MANY_REFUSED)
            user_id = self._identity.user_for(body.user_id)
            await self._follower.follow(user_id, body.chat_id, body.after)
        elif kind == "feedback":
            if not self._feedbacks.admits():
                await self._close(_POLICY_VIOLATION, texts.TOO_MANY_REFUSED)
            await self._send(await keep_feedback(self._feedback_service, self._identity, value))
        elif kind is not None:
            raise BusinessException("unknown_type", texts.UNKNOWN_TYPE)
        elif self._is_answering():
            raise BusinessException("turn_in_progress", texts.TURN_IN_PROGRESS)
        else:
            question = parse_question(value)
            user_id = self._identity.user_for(question.user_id)
            request = question.to_request(user_id, CHANNEL)
            check_question(request)
            self._message_id = None
            self._is_decided = False
            self._turn = asyncio.create_task(self._answer(request))

    async def _refuse(self, error: BusinessException) -> None:
        if not self._refusals.admits():
            await self._close(_POLICY_VIOLATION, texts.TOO_MANY_REFUSED)
        await self._send(ErrorEvent(error.code, error.message).payload())

    async def _answer(self, request: ChatRequest) -> None:
        # The reader sees a disconnect as well, and ends the connection.
        with suppress(WebSocketDisconnect):
            try:
                await self._tell_turn(request)
            except WebSocketDisconnect:
                raise
            except Exception:
                logger.exception("turn_not_told")
                self._is_decided = True
                told = business_error("internal_error")
                await self._send(ErrorEvent(told.code, told.message, self._message_id).payload())

    async def _tell_turn(self, request: ChatRequest) -> None:
        known = self._sessions.get(request.session_id or "")
        async with aclosing(self._chat_service.run(request, known)) as events:
            async for event in events:
                if isinstance(event, StartEvent):
                    self._message_id = event.message_id
                    await self._keep(event.session)
                elif isinstance(event, AgentResponseEvent | ErrorEvent):
                    self._is_decided = True
                if self._message_id is None and not self._refusals.admits():
                    # A question that is refused costs the table a request, too.
                    await self._close(_POLICY_VIOLATION, texts.TOO_MANY_REFUSED)
                await self._send(event.payload())
                if isinstance(event, EndEvent) and event.handoff:
                    await self._follower.handed_over(
                        request.user_id, event.chat_id, event.message_id
                    )

    def _is_answering(self) -> bool:
        return self._turn is not None and not self._turn.done()

    async def _cancel(self) -> None:
        # A turn whose outcome is on its way to the client is not given a second one.
        if self._turn is None or self._turn.done() or self._is_decided:
            return
        await self._stop_turn()
        await self._send(ErrorEvent("cancelled", texts.CANCELLED, self._message_id).payload())

    async def _stop_turn(self) -> None:
        if self._turn is not None:
            self._turn.cancel()
            await asyncio.wait([self._turn])

    async def _keep(self, session: Session) -> None:
        self._sessions.pop(session.session_id, None)
        self._sessions[session.session_id] = session
        if len(self._sessions) > _MAX_OPEN_SESSIONS:
            await self._end(self._sessions.pop(next(iter(self._sessions))))

    async def _end(self, session: Session) -> None:
        try:
            await self._chat_service.end_session(session)
        except StorageError as error:
            logger.warning("session_not_ended", session_id=session.session_id, reason=str(error))

    async def _send(self, payload: Payload) -> None:
        text = _encode(payload)
        try:
            await self._websocket.send_text(text)
        except RuntimeError as error:
            # Closed by this side meanwhile: for a protocol error, a flood, or silence.
            raise WebSocketDisconnect(_ABNORMAL_CLOSURE) from error
        self._active_at = self._clock()

    async def _close(self, code: int, reason: str) -> NoReturn:
        with suppress(RuntimeError):
            await self._websocket.close(code, reason)
        raise WebSocketDisconnect(code, reason)


def _text(message: Mapping[str, object]) -> str:
    text = message.get("text")
    if not isinstance(text, str):
        raise BusinessException("binary_not_supported", texts.BINARY_NOT_SUPPORTED)
    if len(text) > MAX_MESSAGE_BYTES or len(text.encode("utf-8", "replace")) > MAX_MESSAGE_BYTES:
        limit = MAX_MESSAGE_BYTES
        raise BusinessException("message_too_large", texts.MESSAGE_TOO_LARGE.format(limit=limit))
    return text
