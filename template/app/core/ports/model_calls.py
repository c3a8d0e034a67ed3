"""The model calls of a turn, as those see them who follow it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from domain.dto.chat import TokenUsage

# Of a call that was cut off nobody tells its usage; in Portuguese and English a token is about this.
_CHARACTERS_OF_A_TOKEN = 4

if TYPE_CHECKING:
    # For the type alone: whoever follows turns is imported long before the first of them.
    from langchain_core.messages import BaseMessage


@dataclass(slots=True)
class ModelCall:
    """One call of the model; times are seconds of `time.time()`.

    `characters` is how much text came so far; the answer and its usage are known at the end.
    """

    node: str
    model: str
    messages: "Sequence[BaseMessage]"
    started_at: float
    is_silent: bool = False
    first_token_at: float | None = None
    characters: int = 0
    ended_at: float = 0.0
    output: str = ""
    usage: TokenUsage = field(default_factory=TokenUsage)
    error: BaseException | None = None

    def used(self) -> TokenUsage:
        """Return what the call used so far: as the model told it, else an estimate."""
        if self.ended_at and self.error is None:
            return self.usage
        if self.first_token_at is None and isinstance(self.error, Exception):
            # The call was refused, and costs nothing.
            return TokenUsage()
        asked = sum(len(message.text) for message in self.messages)
        return TokenUsage(_tokens(asked), _tokens(self.characters))


class ModelCallListener(Protocol):
    """Is told of the calls of a turn; the same object at the start and at the end of each."""

    def model_call_started(self, call: ModelCall) -> None:
        """The model is being called."""
        ...

    def model_called(self, call: ModelCall) -> None:
        """The call is over."""
        ...


def _tokens(characters: int) -> int:
    return -(-characters // _CHARACTERS_OF_A_TOKEN)
