"""Conversations that a client keeps and sends again with each question."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Said:
    """What a client says was said; only its own part of it is to be believed."""

    role: Literal["user", "assistant"]
    text: str


@dataclass(frozen=True, slots=True)
class ConversationPoint:
    """An answer after which a conversation can be gone on with, and how often that was done.

    It holds the session, as far as it says whether it goes on; `reached_at` is not before the answer.
    """

    chat_id: str
    session_id: str
    session_started_at: str
    reached_at: str
    continuations: int = 0
