"""What the services need of the store of chats."""

from dataclasses import dataclass
from typing import Protocol

from domain.dto.chat import Chat, Message, Page, RecentTurns, Session
from domain.dto.rating import Rater, Thumb

# What the model is shown: enough for a conversation, a bound for cost and prompt size.
RECENT_MESSAGES = 20


@dataclass(frozen=True, slots=True)
class ListingRequest:
    """Which part of a listing: at most `limit` items, after `cursor`, newest first or last."""

    limit: int
    cursor: str | None = None
    newest_first: bool = False


class ChatStorage(Protocol):
    """Durable chats, sessions and messages; every method raises StorageUnavailable when it cannot."""

    async def recent_turns(
        self, user_id: str, chat_id: str, limit: int = RECENT_MESSAGES
    ) -> RecentTurns | None:
        """Return the end of the user's chat, oldest message first; None if it is not theirs."""
        ...

    async def find_session(self, chat_id: str, session_id: str) -> Session | None:
        """Return the session of the chat, active or ended, or None."""
        ...

    async def save_question(
        self, question: Message, session: Session, new_chat: Chat | None
    ) -> None:
        """Make the question durable, with its session and, for the first one, its chat.

        Raises:
            ItemTooLarge: nothing was stored.
        """
        ...

    async def save_answer(
        self, answer: Message, first_title: str, checkpoint: bytes | None = None
    ) -> None:
        """Store the answer and show it as the chat's preview; a title once set stays.

        Args:
            checkpoint: where the graph waits for the user now; empty if it no longer does.
        """
        ...

    async def save_failure(self, question: Message) -> None:
        """Record why a question that was stored got no answer, and what the chat has spent with it."""
        ...

    async def save_operator_message(self, message: Message) -> None:
        """Store what an operator wrote to the user and show it as the chat's preview."""
        ...

    async def end_session(self, session: Session, ended_at: str) -> None:
        """Record the end of the session; the first end wins."""
        ...

    async def list_chats(self, user_id: str, listing: ListingRequest) -> Page[Chat]:
        """Return the user's chats, by creation."""
        ...

    async def list_messages(
        self, user_id: str, chat_id: str, listing: ListingRequest
    ) -> Page[Message] | None:
        """Return the messages of the user's chat, by time; None if it is not theirs."""
        ...

    async def list_sessions(
        self, user_id: str, chat_id: str, listing: ListingRequest
    ) -> Page[Session] | None:
        """Return the sessions of the user's chat, by start; None if it is not theirs."""
        ...

    async def find_chat(self, user_id: str, chat_id: str) -> Chat | None:
        """Return the user's chat, None if it is not theirs."""
        ...

    async def owner_of(self, chat_id: str) -> str | None:
        """Return whose chat it is, None if there is no such chat."""
        ...

    async def find_answer(self, chat_id: str, message_id: str) -> Message | None:
        """Return the bot's answer with this id, None if the chat has none such."""
        ...

    async def save_thumb(self, answer: Message, rater: Rater, thumb: Thumb) -> bool:
        """Keep what a rater thinks of the answer; False if the answer is gone, or a later word is kept."""
        ...

    async def rename_chat(self, user_id: str, chat_id: str, title: str) -> Chat | None:
        """Set the title of the user's chat and return it; None if it is not theirs."""
        ...
