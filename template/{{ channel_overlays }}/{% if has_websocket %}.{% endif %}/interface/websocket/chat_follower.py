"""Telling a connection what operators write in the chat it shows."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing

import structlog
from starlette.websockets import WebSocketDisconnect

from app.core.errors import explained
from app.core.service.chat.chat_following import ChatFollowing
from domain.dto.events import ErrorEvent
from domain.dto.following import FollowingEvent, Payload
from domain.exceptions.business_exception import BusinessException

logger = structlog.get_logger(__name__)


class ChatFollower:
    """Follows one chat at a time: the one last asked for, or last handed over, on this connection."""

    def __init__(
        self, following: ChatFollowing, send: Callable[[Payload], Awaitable[None]]
    ) -> None:
        self._following = following
        self._send = send
        self._task: asyncio.Task[None] | None = None
        self._chat_id: str | None = None

    async def follow(self, user_id: str, chat_id: str, after: str | None) -> None:
        """Follow the chat because the client asks for it; it is told at once how things stand."""
        await self.stop()
        self._begin(user_id, chat_id, after, is_announced=True)

    async def handed_over(self, user_id: str, chat_id: str, after: str) -> None:
        """Follow the chat because a turn told that a person has it."""
        if self._chat_id == chat_id and self._task is not None and not self._task.done():
            return
        await self.stop()
        self._begin(user_id, chat_id, after, is_announced=False)

    async def stop(self) -> None:
        """Stop following."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    def _begin(self, user_id: str, chat_id: str, after: str | None, *, is_announced: bool) -> None:
        self._chat_id = chat_id
        self._task = asyncio.create_task(self._run(user_id, chat_id, after, is_announced))

    async def _run(self, user_id: str, chat_id: str, after: str | None, is_announced: bool) -> None:
        try:
            async with aclosing(self._following.follow(user_id, chat_id, after)) as events:
                async for event in events:
                    if is_announced or not isinstance(event, FollowingEvent):
                        await self._send(event.payload())
        except WebSocketDisconnect:
            # The reader sees the same and ends the connection.
            return
        except Exception as error:
            told = explained(error)
            if not isinstance(error, BusinessException):
                logger.warning("chat_not_followed", chat_id=chat_id, reason=str(error))
            await self._send(ErrorEvent(told.code, told.message).payload())
