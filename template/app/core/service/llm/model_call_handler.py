"""Listens to the calls of one turn: what the model streams and used, and which tools ran."""

import asyncio
import time
from collections.abc import Collection
from typing import Any
from uuid import UUID

from langchain_core.callbacks import AsyncCallbackHandler
from langchain_core.messages import AIMessage, BaseMessage, SystemMessage
from langchain_core.outputs import ChatGeneration, LLMResult

from app.core.ports.model_calls import ModelCall, ModelCallListener, ToolCall
from app.core.service.llm.instruction_guard import InstructionGuard, opening_of
from domain.dto.chat import TokenUsage

# The tag of a call whose text is nobody's answer, in whichever node it is made.
SILENT = "silent"
# What LangChain tells of how the model is called, each behind this prefix.
_PARAMETERS = ("temperature", "max_tokens")
_PREFIX = "ls_"


class ModelCallHandler(AsyncCallbackHandler):
    """Puts the text of the answering nodes on a queue, and reports each call."""

    # Awaited in place: the order of the deltas is the model's, and no task is made for each.
    run_inline = True
    raise_error = True

    def __init__(
        self,
        answer_nodes: Collection[str],
        deltas: asyncio.Queue[str],
        guard: InstructionGuard,
        listener: ModelCallListener,
    ) -> None:
        self._answer_nodes = answer_nodes
        self._deltas = deltas
        self._guard = guard
        self._listener = listener
        self._calls: dict[UUID, ModelCall] = {}
        self._tool_calls: dict[UUID, ToolCall] = {}
        self.usage = TokenUsage()

    async def on_chat_model_start(
        self,
        serialized: dict[str, Any],
        messages: list[list[BaseMessage]],
        *,
        run_id: UUID,
        metadata: dict[str, Any] | None = None,
        tags: list[str] | None = None,
        **kwargs: Any,
    ) -> None:
        known = metadata or {}
        self._calls[run_id] = call = ModelCall(
            node=str(known.get("langgraph_node", "")),
            model=str(known.get("ls_model_name", "")),
            messages=messages[0],
            started_at=time.time(),
            is_silent=SILENT in (tags or ()),
            parameters={
                name: known[_PREFIX + name]
                for name in _PARAMETERS
                if known.get(_PREFIX + name) is not None
            },
        )
        if self._is_answer(call) and isinstance(messages[0][0], SystemMessage):
            self._guard.opening = opening_of(messages[0][0].text)
        self._listener.model_call_started(call)

    async def on_llm_new_token(
        self, token: str | list[str | dict[str, Any]], *, run_id: UUID, **kwargs: Any
    ) -> None:
        call = self._calls.get(run_id)
        text = token if isinstance(token, str) else _text_of(token)
        if call is None or not text:
            return
        if call.first_token_at is None:
            call.first_token_at = time.time()
        call.characters += len(text)
        if self._is_answer(call):
            await self._deltas.put(text)

    async def on_llm_end(self, response: LLMResult, *, run_id: UUID, **kwargs: Any) -> None:
        call = self._calls.pop(run_id, None)
        if call is None:
            return
        generation = response.generations[0][0]
        if isinstance(generation, ChatGeneration) and isinstance(generation.message, AIMessage):
            call.output = generation.message.text
            call.tool_calls = generation.message.tool_calls
            call.usage = _usage(generation.message)
        self.usage = self.usage + call.usage
        self._report(call)

    async def on_llm_error(self, error: BaseException, *, run_id: UUID, **kwargs: Any) -> None:
        call = self._calls.pop(run_id, None)
        if call is not None:
            call.error = error
            self._report(call)

    async def on_tool_start(
        self,
        serialized: dict[str, Any] | None,
        input_str: str,
        *,
        run_id: UUID,
        metadata: dict[str, Any] | None = None,
        inputs: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        self._tool_calls[run_id] = call = ToolCall(
            node=str((metadata or {}).get("langgraph_node", "")),
            name=str((serialized or {}).get("name", "")),
            arguments=inputs if inputs is not None else {"input": input_str},
            started_at=time.time(),
        )
        self._listener.tool_call_started(call)

    async def on_tool_end(self, output: Any, *, run_id: UUID, **kwargs: Any) -> None:
        self._report_tool(run_id, output, None)

    async def on_tool_error(self, error: BaseException, *, run_id: UUID, **kwargs: Any) -> None:
        self._report_tool(run_id, None, error)

    def _is_answer(self, call: ModelCall) -> bool:
        return call.node in self._answer_nodes and not call.is_silent

    def _report(self, call: ModelCall) -> None:
        call.ended_at = time.time()
        self._listener.model_called(call)

    def _report_tool(self, run_id: UUID, result: Any, error: BaseException | None) -> None:
        call = self._tool_calls.pop(run_id, None)
        if call is not None:
            call.result, call.error, call.ended_at = result, error, time.time()
            self._listener.tool_called(call)


def _text_of(blocks: list[str | dict[str, Any]]) -> str:
    """Return the text of a piece in blocks, as a node gets it that streams the model itself."""
    return AIMessage(blocks).text


def _usage(message: AIMessage) -> TokenUsage:
    usage = message.usage_metadata
    if usage is None:
        return TokenUsage()
    details = usage.get("input_token_details", {})
    return TokenUsage(
        usage["input_tokens"],
        usage["output_tokens"],
        cache_read_tokens=details.get("cache_read", 0),
        cache_write_tokens=details.get("cache_creation", 0),
    )
