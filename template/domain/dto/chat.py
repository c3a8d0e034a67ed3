"""Chats, their sessions and messages, and the request for one turn."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Generic, Literal, TypeVar

from domain.dto.handoff import TicketReference
from domain.dto.rating import Thumb
from domain.dto.turn_step import TurnStep
from domain.ids import new_id, parse_timestamp, shift_timestamp

# A session without a message for this long reads as ended, also when nobody recorded its end.
SESSION_IDLE_TIMEOUT = timedelta(hours=24)

Role = Literal["user", "assistant", "operator"]

Item = TypeVar("Item", covariant=True)


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """One question to the bot.

    `chat_id` continues a chat of the user, `session_id` a session of that chat; None opens a new one.
    With `stream` the answer is also delivered piece by piece; `channel` names the way it came in.
    `key`, 32 hex digits, stands for the question wherever it is asked again, after a crash say: it and
    what it opens bear ids made of the key, it is stored once, and once answered it keeps that answer.
    """

    user_id: str
    question: str
    chat_id: str | None = None
    session_id: str | None = None
    stream: bool = False
    channel: str = "chat"
    key: str | None = None

    def new_id(self, prefix: str) -> str:
        """Return an id for what the question opens: the same whenever it is asked again."""
        return new_id(prefix) if self.key is None else f"{prefix}_{self.key}"


@dataclass(frozen=True, slots=True)
class Chat:
    """A conversation of one user; `preview` is the beginning of the last answer."""

    chat_id: str
    title: str
    preview: str
    created_at: str
    updated_at: str


@dataclass(frozen=True, slots=True)
class TokenUsage:
    """Tokens of model calls; of the input, some were read from the cache or written to it."""

    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0

    @property
    def total(self) -> int:
        return self.input_tokens + self.output_tokens

    def __add__(self, other: "TokenUsage") -> "TokenUsage":
        return TokenUsage(
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
            self.cache_read_tokens + other.cache_read_tokens,
            self.cache_write_tokens + other.cache_write_tokens,
        )


@dataclass(frozen=True, slots=True)
class Spending:
    """What a chat has used so far: turns, answered or not, and the tokens of their model calls."""

    turns: int = 0
    tokens: int = 0

    def plus(self, turns: int = 0, tokens: int = 0) -> "Spending":
        """Return the spending after so much more."""
        return Spending(self.turns + turns, self.tokens + tokens)


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a chat, as stored.

    An answer bears its `usage`, the `channel` it went to, whether the chat was `handed_over` with it, and
    what people think of it; questions and answers bear what the chat has `spent` with them, so that nothing is forgotten where answers are
    missing. The `steps` are those that led to an answer, or to the `error_code` of a question that got
    none. `delivery` tells how far an operator's message came, if that is known.
    """

    message_id: str
    chat_id: str
    user_id: str
    role: Role
    content: str
    created_at: str
    usage: TokenUsage = field(default_factory=TokenUsage)
    spent: Spending = field(default_factory=Spending)
    delivery: str | None = None
    channel: str = ""
    steps: tuple[TurnStep, ...] = ()
    error_code: str | None = None
    handed_over: bool = False
    user_thumb: Thumb | None = None
    operator_thumb: Thumb | None = None


@dataclass(frozen=True, slots=True)
class RecentTurns:
    """What a chat goes on from: its last messages, where its graph waits for the user, if it does,
    and the ticket with which it is in the hands of a person, if it is."""

    messages: tuple[Message, ...]
    checkpoint: bytes | None = None
    ticket: TicketReference | None = None

    @property
    def spent(self) -> Spending:
        """What the chat has used, as its last message says that knows; an operator's does not."""
        known = (m.spent for m in reversed(self.messages) if m.spent != Spending())
        return next(known, Spending())


@dataclass(frozen=True, slots=True)
class Session:
    """A visit to a chat, from its first question to its end."""

    session_id: str
    chat_id: str
    user_id: str
    started_at: str
    last_activity_at: str
    ended_at: str | None = None

    def ended_by(self, moment: datetime | None = None) -> str | None:
        """Return when the session ended, or None while it is active at `moment` (now)."""
        if self.ended_at is not None:
            return self.ended_at
        idle = (moment or datetime.now(UTC)) - parse_timestamp(self.last_activity_at)
        if idle < SESSION_IDLE_TIMEOUT:
            return None
        return shift_timestamp(self.last_activity_at, SESSION_IDLE_TIMEOUT)

    @property
    def is_active(self) -> bool:
        return self.ended_by() is None


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """Some items of a listing, and the cursor of what follows, if anything does."""

    items: tuple[Item, ...]
    next_cursor: str | None
