"""Who wants to know about turns: metrics, for one. None of them may delay or break a turn."""

import time
from dataclasses import dataclass, field
from typing import Protocol

from app.core.ports.model_calls import ModelCallListener
from domain.dto.chat import TokenUsage
from domain.ids import trace_id_of


@dataclass(frozen=True, slots=True)
class TurnContext:
    """Which turn it is; `asked_at`, of `time.monotonic()`, is when the question came."""

    user_id: str
    chat_id: str
    session_id: str
    message_id: str
    question: str
    channel: str
    asked_at: float = field(default_factory=time.monotonic)

    @property
    def trace_id(self) -> str:
        """The id of the turn's trace: logs, events and problem details bear it too."""
        return trace_id_of(self.message_id)


@dataclass(frozen=True, slots=True)
class TurnOutcome:
    """How a turn ended: with an answer, or with the code of an error (`cancelled` is one)."""

    answer: str | None
    usage: TokenUsage
    error_code: str | None


class ObservedTurn(ModelCallListener, Protocol):
    """One turn, as an observer follows it."""

    def answer_began(self) -> None:
        """The first piece of the answer is there, whether or not it is shown before the rest."""
        return

    def ended(self, outcome: TurnOutcome) -> None:
        """The turn is over."""
        ...


class TurnObserver(Protocol):
    """Follows turns without ever waiting."""

    def turn_started(self, turn: TurnContext) -> ObservedTurn:
        """Begin to follow a turn."""
        ...

    async def start(self) -> None:
        """Begin what goes on beside the turns."""
        return

    def error_told(self, channel: str, code: str) -> None:
        """A user was told this error instead of an answer; where it was refused, no turn began."""
        return

    async def stop(self) -> None:
        """Deliver what is still held, within a bound."""
        ...
