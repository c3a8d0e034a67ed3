"""How a graph is run for one turn: streaming, time-out, usage. The graph itself is the subclass's."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, RemoveMessage
from langchain_core.runnables import Runnable, RunnableConfig
from langgraph.graph.message import REMOVE_ALL_MESSAGES

from app.core.service.llm.model_call_handler import ModelCallHandler, ModelCallListener
from domain.dto.chat import Message, TokenUsage
from domain.exceptions.model import ModelError, ModelTimeout

# Longer than any honest answer; a turn beyond it would hold its chat and its connection.
TURN_TIMEOUT_SECONDS = 180
# A loop in the graph ends here instead of at the bill.
RECURSION_LIMIT = 25
# How far the model may run ahead of a slow reader.
_DELTAS_AHEAD = 256


@dataclass(frozen=True, slots=True)
class AgentTurn:
    """What the graph is given: the question, its ids, and the recent messages before it."""

    user_id: str
    chat_id: str
    session_id: str
    question: Message
    history: Sequence[Message]


@dataclass(frozen=True, slots=True)
class AgentAnswer:
    """What the graph answered, and what its model calls used."""

    text: str
    usage: TokenUsage


class BaseOrchestratorService(ABC):
    """Runs the compiled graph of a subclass."""

    # The nodes whose text is the answer and may be shown while it is written.
    answer_nodes: ClassVar[frozenset[str]] = frozenset({"respond"})

    def __init__(self, chat_model: BaseChatModel) -> None:
        self.chat_model = chat_model
        self.graph: Runnable[Any, Any] = self._build_graph()

    @abstractmethod
    def _build_graph(self) -> Runnable[Any, Any]:
        """Return the compiled graph."""

    async def execute_agent(
        self,
        turn: AgentTurn,
        listener: ModelCallListener,
        *,
        join_seconds: float = 0.0,
    ) -> AsyncGenerator[str | AgentAnswer, None]:
        """Run the graph; yield the answer's pieces as they are written, then the whole answer.

        Args:
            listener: told of each model call.
            join_seconds: how long pieces may wait for the next ones to travel with them.

        The pieces concatenate to the answer's text. Closing the generator cancels the model call.

        Raises:
            ModelError: there is no complete answer.
        """
        deltas: asyncio.Queue[str] = asyncio.Queue(_DELTAS_AHEAD)
        handler = ModelCallHandler(self.answer_nodes, deltas, listener)
        run = asyncio.create_task(self._run(turn, handler))
        pieces: list[str] = []
        try:
            async for delta in _until_done(run, deltas, join_seconds):
                pieces.append(delta)
                yield delta
            text = run.result()
        finally:
            run.cancel()
            await asyncio.wait([run])
        rest = _unsaid(text, "".join(pieces))
        if rest:
            yield rest
        yield AgentAnswer("".join(pieces) + rest, handler.usage)

    async def _run(self, turn: AgentTurn, handler: ModelCallHandler) -> str:
        config: RunnableConfig = {
            "callbacks": [handler],
            "configurable": {"thread_id": turn.chat_id},
            "recursion_limit": RECURSION_LIMIT,
        }
        state = {
            "messages": [
                # The table has what was said; a checkpointer's copy of it would say it twice.
                RemoveMessage(REMOVE_ALL_MESSAGES),
                *_from_first_question(turn.history),
                _to_langchain(turn.question),
            ],
            "user_id": turn.user_id,
            "chat_id": turn.chat_id,
            "session_id": turn.session_id,
        }
        try:
            async with asyncio.timeout(TURN_TIMEOUT_SECONDS):
                result = await self.graph.ainvoke(state, config)
        except TimeoutError as error:
            raise ModelTimeout("the turn took too long") from error
        answer = result["messages"][-1]
        if not isinstance(answer, AIMessage) or not answer.text:
            raise ModelError("the graph ended without an answer")
        return answer.text


async def _until_done(
    run: asyncio.Task[str], deltas: asyncio.Queue[str], join_seconds: float
) -> AsyncGenerator[str, None]:
    """Yield what is on the queue until the run is over; after each piece, gather for a while."""

    def wake(_: asyncio.Task[str]) -> None:
        if deltas.empty():
            deltas.put_nowait("")

    run.add_done_callback(wake)
    while not (run.done() and deltas.empty()):
        pieces = [await deltas.get()]
        if join_seconds:
            while not deltas.empty():
                pieces.append(deltas.get_nowait())
        if piece := "".join(pieces):
            yield piece
        if join_seconds and not run.done():
            await asyncio.wait([run], timeout=join_seconds)


def _unsaid(text: str, said: str) -> str:
    """Return what is left to say of the text; nothing where a node rewrote what had been shown."""
    return text[len(said) :] if text.startswith(said) else ""


def _from_first_question(history: Sequence[Message]) -> list[BaseMessage]:
    """Return the messages from the first question on: a conversation must open with the user's."""
    opening = next((i for i, message in enumerate(history) if message.role == "user"), 0)
    return [_to_langchain(message) for message in history[opening:]]


def _to_langchain(message: Message) -> BaseMessage:
    kind = HumanMessage if message.role == "user" else AIMessage
    return kind(message.content, id=message.message_id)
