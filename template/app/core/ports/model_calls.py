"""The calls of a turn, of the model and of tools, as those see them who follow it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from domain.dto.chat import TokenUsage

# Of a call that was cut off nobody tells its usage; in Portuguese and English a token is about this.
_CHARACTERS_OF_A_TOKEN = 4

if TYPE_CHECKING:
    # For the type alone: whoever follows turns is imported long before the first of them.
    from langchain_core.messages import BaseMessage


@dataclass(slots=True)
class ModelCall:
    """One call of the model; times are seconds of `time.time()`.

    `parameters` are those the model was called with, as far as LangChain names them. `characters` is
    how much text came so far; the answer, its usage and the `tool_calls` the model asked for, each
    with its `name` and `args`, are known at the end.
    """

    node: str
    model: str
    messages: "Sequence[BaseMessage]"
    started_at: float
    is_silent: bool = False
    parameters: Mapping[str, str | int | float] = field(default_factory=dict)
    first_token_at: float | None = None
    characters: int = 0
    ended_at: float = 0.0
    output: str = ""
    tool_calls: Sequence[Mapping[str, Any]] = ()
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


@dataclass(slots=True)
class ToolCall:
    """One use of a tool by a node; times are seconds of `time.time()`, the result is known at the end."""

    node: str
    name: str
    arguments: Mapping[str, Any]
    started_at: float
    ended_at: float = 0.0
    result: Any = None
    error: BaseException | None = None


class ModelCallListener(Protocol):
    """Is told of the calls of a turn; the same object at the start and at the end of each."""

    def model_call_started(self, call: ModelCall) -> None:
        """The model is being called."""
        ...

    def model_called(self, call: ModelCall) -> None:
        """The call is over."""
        ...

    # Those who follow the model alone leave these two as they are.

    def tool_call_started(self, call: ToolCall) -> None:
        """A tool is being used."""
        return

    def tool_called(self, call: ToolCall) -> None:
        """The tool has answered, or failed."""
        return


def _tokens(characters: int) -> int:
    return -(-characters // _CHARACTERS_OF_A_TOKEN)
