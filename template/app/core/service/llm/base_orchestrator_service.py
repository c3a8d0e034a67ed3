"""How a graph is run for one turn: streaming, time-out, usage. The graph itself is the subclass's."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace
from typing import Any, ClassVar

import structlog
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, RemoveMessage
from langchain_core.runnables import Runnable, RunnableConfig
from langgraph.graph.message import REMOVE_ALL_MESSAGES
from langgraph.types import Command

from app.core.ports.agent import Agent, AgentAnswer, AgentTurn
from app.core.ports.model_calls import ModelCallListener
from app.core.service.llm.instruction_guard import InstructionGuard
from app.core.service.llm.model_call_handler import ModelCallHandler
from app.core.service.llm.step_recorder import StepRecorder
from app.core.service.llm.tool_calls import reporting_to
from app.core.service.llm.turn_checkpoints import TurnCheckpoints
from domain.dto.chat import Message
from domain.exceptions.model import ModelError, ModelTimeout

logger = structlog.get_logger(__name__)

# Longer than any honest answer; a turn beyond it would hold its chat and its connection.
TURN_TIMEOUT_SECONDS = 180
# A loop in the graph ends here instead of at the bill.
RECURSION_LIMIT = 25
# How far the model may run ahead of a slow reader; each of them may hold so many pieces.
_DELTAS_AHEAD = 64


class BaseOrchestratorService(Agent, ABC):
    """Runs the compiled graph of a subclass."""

    # The nodes whose text is the answer and may be shown while it is written.
    answer_nodes: ClassVar[frozenset[str]] = frozenset({"respond"})

    def __init__(self, chat_model: BaseChatModel) -> None:
        self.chat_model = chat_model
        self.checkpoints = TurnCheckpoints()
        self.graph: Any = self._build_graph()

    @abstractmethod
    def _build_graph(self) -> Runnable[Any, Any]:
        """Return the compiled graph; one that waits has `self.checkpoints` as its checkpointer."""

    async def execute_agent(
        self,
        turn: AgentTurn,
        listener: ModelCallListener,
        *,
        join_seconds: float = 0.0,
    ) -> AsyncGenerator[str | AgentAnswer, None]:
        deltas: asyncio.Queue[str] = asyncio.Queue(_DELTAS_AHEAD)
        guard = InstructionGuard()
        recorder = StepRecorder(turn.steps, listener)
        handler = ModelCallHandler(self.answer_nodes, deltas, guard, recorder)
        with reporting_to(recorder):
            run = asyncio.create_task(self._run(turn, handler, recorder))
        pieces: list[str] = []
        try:
            async for delta in _until_done(run, deltas, join_seconds):
                if piece := guard.admit(delta):
                    pieces.append(piece)
                    yield piece
            answer = run.result()
        finally:
            run.cancel()
            await asyncio.wait([run])
        said = "".join(pieces)
        if rest := guard.rest_of(answer.text, said):
            yield rest
        yield replace(answer, text=said + rest)

    async def _run(
        self, turn: AgentTurn, handler: ModelCallHandler, recorder: StepRecorder
    ) -> AgentAnswer:
        config: RunnableConfig = {
            "callbacks": [handler, recorder],
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
            "handoff": None,
        }
        try:
            async with asyncio.timeout(TURN_TIMEOUT_SECONDS):
                result = await self.graph.ainvoke(await self._begin(turn, state, config), config)
            if question := _question_to_user(result):
                return AgentAnswer(question, handler.usage, self.checkpoints.take(turn.chat_id))
        except TimeoutError as error:
            raise ModelTimeout("the turn took too long") from error
        finally:
            self.checkpoints.forget(turn.chat_id)
        answer = result["messages"][-1]
        if not isinstance(answer, AIMessage) or not answer.text.strip():
            raise ModelError("the graph ended without an answer")
        return AgentAnswer(
            answer.text,
            handler.usage,
            checkpoint=None if turn.checkpoint is None else b"",
            handoff=result.get("handoff"),
        )

    async def _begin(
        self, turn: AgentTurn, state: dict[str, Any], config: RunnableConfig
    ) -> dict[str, Any] | Command[Any]:
        """Return the graph's input: anew, or for the node that waits for this message."""
        if not turn.checkpoint:
            return state
        try:
            self.checkpoints.restore(turn.chat_id, turn.checkpoint)
            waits = (await self.graph.aget_state(config)).interrupts
        except Exception as error:
            # It was written before the graph was changed; what was said is in the messages.
            logger.warning("checkpoint_not_restored", reason=type(error).__name__)
            waits = ()
        if waits:
            return Command(resume=turn.question.content, update=state)
        self.checkpoints.forget(turn.chat_id)
        return state


def _question_to_user(result: dict[str, Any]) -> str:
    """Return what the graph waits for an answer to, or nothing if it came to its end."""
    interrupts = result.get("__interrupt__")
    return str(interrupts[0].value) if interrupts else ""


async def _until_done(
    run: asyncio.Task[AgentAnswer], deltas: asyncio.Queue[str], join_seconds: float
) -> AsyncGenerator[str, None]:
    """Yield what is on the queue until the run is over; after each piece, gather for a while."""

    def wake(_: asyncio.Task[AgentAnswer]) -> None:
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


def _from_first_question(history: Sequence[Message]) -> list[BaseMessage]:
    """Return the messages from the first question on: a conversation must open with the user's."""
    opening = next((i for i, message in enumerate(history) if message.role == "user"), 0)
    return [_to_langchain(message) for message in history[opening:]]


def _to_langchain(message: Message) -> BaseMessage:
    kind = HumanMessage if message.role == "user" else AIMessage
    return kind(message.content, id=message.message_id)
