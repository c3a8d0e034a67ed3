"""Following a chat that is in the hands of a person, whichever process that person writes through."""

import asyncio
from collections.abc import AsyncGenerator, Sequence

import structlog

from app.core.errors import business_error
from app.core.ports.chat_storage import RECENT_MESSAGES, ChatStorage
from domain.dto.chat import Message, RecentTurns
from domain.dto.following import (
    FollowedEvent,
    FollowingEvent,
    HandoffEndedEvent,
    OperatorMessageEvent,
)
from domain.exceptions.storage import StorageError

logger = structlog.get_logger(__name__)

# One read of a few messages each time, and only of chats that were handed over.
_LOOK_EVERY_SECONDS = 1.0
# More than a person writes in a second.
_LOOK_AT_MESSAGES = 5


class ChatFollowing:
    """Looks for what operators write: the table is what every process shares."""

    def __init__(self, storage: ChatStorage) -> None:
        self._storage = storage

    async def follow(
        self, user_id: str, chat_id: str, after: str | None
    ) -> AsyncGenerator[FollowedEvent, None]:
        """Follow the user's chat until it is given back to the bot.

        Args:
            after: the newest message the user knows of; operators' messages behind it come first.

        Yields:
            `following`, then each `operator_message`, at last `handoff_ended`; only the first where
            the bot has the chat.

        Raises:
            BusinessException: `chat_not_found`.
            StorageUnavailable: it cannot be looked at now.
        """
        recent = await self._storage.recent_turns(user_id, chat_id)
        if recent is None:
            raise business_error("chat_not_found")
        yield FollowingEvent(chat_id, handoff=recent.ticket is not None)
        for message in written_behind(after, recent.messages):
            yield OperatorMessageEvent(message)
        if recent.ticket is None:
            return
        seen = {message.message_id for message in _written_by_operators(recent)}
        while recent.ticket is not None:
            await asyncio.sleep(_LOOK_EVERY_SECONDS)
            recent = await self._look(user_id, chat_id, seen) or recent
            for message in _written_by_operators(recent):
                if message.message_id not in seen:
                    seen.add(message.message_id)
                    yield OperatorMessageEvent(message)
        yield HandoffEndedEvent(chat_id)

    async def _look(self, user_id: str, chat_id: str, seen: set[str]) -> RecentTurns | None:
        """Return the end of the chat, or None while the table is away."""
        try:
            recent = await self._storage.recent_turns(user_id, chat_id, _LOOK_AT_MESSAGES)
            if recent is not None and all(
                message.role == "operator" and message.message_id not in seen
                for message in recent.messages
            ):
                # There may be more of them before these.
                recent = await self._storage.recent_turns(user_id, chat_id, RECENT_MESSAGES)
        except StorageError as error:
            logger.warning("chat_not_followed", chat_id=chat_id, reason=str(error))
            return None
        return recent


def written_behind(after: str | None, messages: Sequence[Message]) -> list[Message]:
    """Return what operators wrote behind the message `after`.

    That is all of it where `after` is not among the messages, which are the newest of the chat, and
    nothing without `after`. Ids do not tell: their clocks differ from one process to another.
    """
    if after is None:
        return []
    ids = [message.message_id for message in messages]
    first = ids.index(after) + 1 if after in ids else 0
    return [message for message in messages[first:] if message.role == "operator"]


def _written_by_operators(recent: RecentTurns) -> list[Message]:
    return [message for message in recent.messages if message.role == "operator"]
