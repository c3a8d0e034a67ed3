"""What answers a question: the conversation's graph, as the chat service sees it."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from app.core.ports.model_calls import ModelCallListener
from domain.dto.chat import Message, TokenUsage
from domain.dto.handoff import HandoffRequest
from domain.dto.turn_step import TurnStep


@dataclass(frozen=True, slots=True)
class AgentTurn:
    """What the graph is given: the question, its ids, and what the chat goes on from.

    An empty `checkpoint` is one that no longer counts, and is to be removed from the store. `steps` is
    filled while the graph runs, so that it is there as well when it fails.
    """

    user_id: str
    chat_id: str
    session_id: str
    question: Message
    history: Sequence[Message]
    checkpoint: bytes | None = None
    steps: list[TurnStep] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class AgentAnswer:
    """What the graph answered, and what its model calls used.

    `checkpoint` is where the graph waits for the user, empty if it no longer does, None if it never
    did. `handoff` asks for a person to go on with the chat.
    """

    text: str
    usage: TokenUsage
    checkpoint: bytes | None = None
    handoff: HandoffRequest | None = None


class Agent(Protocol):
    """Answers one turn at a time of each chat, many chats at once."""

    def execute_agent(
        self, turn: AgentTurn, listener: ModelCallListener, *, join_seconds: float = 0.0
    ) -> AsyncGenerator[str | AgentAnswer, None]:
        """Yield the answer's pieces as they are written, then the whole answer.

        Args:
            listener: told of each model call.
            join_seconds: how long pieces may wait for the next ones to travel with them.

        The pieces concatenate to the answer's text. Closing the generator cancels the model call.

        Raises:
            ModelError: there is no complete answer.
        """
        ...
