"""Who wants to know about turns: metrics, for one. None of them may delay or break a turn."""

from dataclasses import dataclass
from typing import Protocol

from app.core.ports.model_calls import ModelCallListener
from domain.dto.chat import TokenUsage
from domain.ids import trace_id_of


@dataclass(frozen=True, slots=True)
class TurnContext:
    """Which turn it is."""

    user_id: str
    chat_id: str
    session_id: str
    message_id: str
    question: str
    channel: str

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

    async def stop(self) -> None:
        """Deliver what is still held, within a bound."""
        ...
