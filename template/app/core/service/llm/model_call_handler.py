"""Listens to the model calls of one turn: what streams, what it used, how long it took."""

import asyncio
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from langchain_core.callbacks import AsyncCallbackHandler
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, LLMResult

from domain.dto.chat import TokenUsage


@dataclass(slots=True)
class ModelCall:
    """One call of the model; times are seconds of `time.time()`."""

    node: str
    messages: Sequence[BaseMessage]
    started_at: float
    first_token_at: float | None = None
    ended_at: float = 0.0
    output: str = ""
    usage: TokenUsage = field(default_factory=TokenUsage)
    error: BaseException | None = None


class ModelCallHandler(AsyncCallbackHandler):
    """Puts the text of the answering nodes on a queue, and reports each call when it is over."""

    # Awaited in place: the order of the deltas is the model's, and no task is made for each.
    run_inline = True
    raise_error = True

    def __init__(
        self,
        answer_nodes: Collection[str],
        deltas: asyncio.Queue[str],
        on_call: Callable[[ModelCall], None],
    ) -> None:
        self._answer_nodes = answer_nodes
        self._deltas = deltas
        self._on_call = on_call
        self._calls: dict[UUID, ModelCall] = {}
        self.usage = TokenUsage()

    async def on_chat_model_start(
        self,
        serialized: dict[str, Any],
        messages: list[list[BaseMessage]],
        *,
        run_id: UUID,
        metadata: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        node = str((metadata or {}).get("langgraph_node", ""))
        self._calls[run_id] = ModelCall(node, messages[0], started_at=time.time())

    async def on_llm_new_token(
        self, token: str | list[str | dict[str, Any]], *, run_id: UUID, **kwargs: Any
    ) -> None:
        call = self._calls.get(run_id)
        if call is None or not isinstance(token, str) or not token:
            return
        if call.first_token_at is None:
            call.first_token_at = time.time()
        if call.node in self._answer_nodes:
            await self._deltas.put(token)

    async def on_llm_end(self, response: LLMResult, *, run_id: UUID, **kwargs: Any) -> None:
        call = self._calls.pop(run_id, None)
        if call is None:
            return
        generation = response.generations[0][0]
        if isinstance(generation, ChatGeneration) and isinstance(generation.message, AIMessage):
            call.output = generation.message.text
            call.usage = _usage(generation.message)
        self.usage = self.usage + call.usage
        self._report(call)

    async def on_llm_error(self, error: BaseException, *, run_id: UUID, **kwargs: Any) -> None:
        call = self._calls.pop(run_id, None)
        if call is not None:
            call.error = error
            self._report(call)

    def _report(self, call: ModelCall) -> None:
        call.ended_at = time.time()
        self._on_call(call)


def _usage(message: AIMessage) -> TokenUsage:
    usage = message.usage_metadata
    if usage is None:
        return TokenUsage()
    return TokenUsage(usage["input_tokens"], usage["output_tokens"])
