"""Connections that are told what operators write in the chat they show."""

import asyncio

import structlog

from app.core.errors import business_error
from app.core.ports.chat_storage import ChatStorage
from app.core.ports.connections import ConnectionSender, FollowerStorage, OperatorNews
from app.core.service.chat.chat_following import written_behind
from domain.dto.following import FollowingEvent, OperatorMessageEvent, Payload
from domain.exceptions.connection import ConnectionGone
from domain.exceptions.storage import StorageError

logger = structlog.get_logger(__name__)


class ChatFollowers(OperatorNews):
    """Remembers who follows which chat, and tells them.

    Nobody watches the chat meanwhile: the process in which an operator acts reaches the followers.
    """

    def __init__(
        self, followers: FollowerStorage, chats: ChatStorage, sender: ConnectionSender
    ) -> None:
        self._followers = followers
        self._chats = chats
        self._sender = sender

    async def follow(
        self, connection_id: str, user_id: str, chat_id: str, after: str | None
    ) -> None:
        """Follow the chat because the client asks for it; it is told at once how things stand.

        A message that an operator writes at this very moment may come twice, with one id.

        Args:
            after: the newest message the client knows of; operators' messages behind it come first.

        Raises:
            BusinessException: `chat_not_found`.
            ConnectionGone: the client has left.
        """
        if await self._chats.recent_turns(user_id, chat_id) is None:
            raise business_error("chat_not_found")
        # Before the chat is read again, or what is written in between would reach nobody.
        await self._followers.follow(connection_id, chat_id)
        recent = await self._chats.recent_turns(user_id, chat_id)
        messages = recent.messages if recent else ()
        is_handed_over = recent is not None and recent.ticket is not None
        await self._sender.send(connection_id, FollowingEvent(chat_id, is_handed_over).payload())
        for message in written_behind(after, messages):
            await self._sender.send(connection_id, OperatorMessageEvent(message).payload())
        if not is_handed_over:
            await self._followers.unfollow(connection_id, chat_id)

    async def handed_over(self, connection_id: str, chat_id: str) -> None:
        """Follow the chat because a turn told that a person has it."""
        await self._followers.follow(connection_id, chat_id)

    async def operator_wrote(self, chat_id: str, payload: Payload) -> None:
        try:
            await self._tell(chat_id, payload)
        except StorageError as error:
            # It is stored: who opens the chat again finds it there.
            logger.warning("followers_not_told", chat_id=chat_id, reason=str(error))

    async def released(self, chat_id: str, payload: Payload) -> None:
        try:
            for connection_id in await self._tell(chat_id, payload):
                await self._followers.unfollow(connection_id, chat_id)
        except StorageError as error:
            logger.warning("followers_not_told", chat_id=chat_id, reason=str(error))

    async def _tell(self, chat_id: str, payload: Payload) -> list[str]:
        connection_ids = await self._followers.followers(chat_id)
        reached = await asyncio.gather(
            *(self._reach(connection_id, chat_id, payload) for connection_id in connection_ids)
        )
        return [i for i, is_reached in zip(connection_ids, reached, strict=True) if is_reached]

    async def _reach(self, connection_id: str, chat_id: str, payload: Payload) -> bool:
        try:
            await self._sender.send(connection_id, payload)
        except ConnectionGone:
            await self._followers.unfollow(connection_id, chat_id)
            return False
        return True
