"""Writes down which nodes of the graph ran in a turn, and which tools they used."""

import time
from dataclasses import replace
from typing import Any
from uuid import UUID

from langchain_core.callbacks import AsyncCallbackHandler
from langgraph.errors import GraphBubbleUp

from app.core.errors import explained
from app.core.ports.model_calls import ModelCall, ModelCallListener, ToolCall
from domain.dto.turn_step import TurnStep


class StepRecorder(AsyncCallbackHandler, ModelCallListener):
    """Fills a list of steps, in the order in which the nodes began, and passes model calls on."""

    # Awaited in place: the order of what it is told is that of what happens.
    run_inline = True

    def __init__(self, steps: list[TurnStep], listener: ModelCallListener) -> None:
        self._steps = steps
        self._listener = listener
        # Where the steps of the nodes stand that run now, and since when they do.
        self._running: dict[UUID, tuple[int, float]] = {}

    @property
    def ignore_llm(self) -> bool:
        """Model calls are told by their listener: LangChain need not dispatch each piece of them."""
        return True

    @property
    def ignore_chat_model(self) -> bool:
        return True

    def model_call_started(self, call: ModelCall) -> None:
        self._listener.model_call_started(call)

    def model_called(self, call: ModelCall) -> None:
        place = self._place_of(call.node)
        if place is not None:
            step = self._steps[place]
            self._steps[place] = replace(
                step,
                input_tokens=step.input_tokens + call.usage.input_tokens,
                output_tokens=step.output_tokens + call.usage.output_tokens,
            )
        self._listener.model_called(call)

    def tool_call_started(self, call: ToolCall) -> None:
        self._listener.tool_call_started(call)

    def tool_called(self, call: ToolCall) -> None:
        place = self._place_of(call.node)
        if place is not None:
            step = self._steps[place]
            self._steps[place] = replace(step, tools=(*step.tools, call.name))
        self._listener.tool_called(call)

    async def on_chain_start(
        self,
        serialized: dict[str, Any] | None,
        inputs: dict[str, Any],
        *,
        run_id: UUID,
        metadata: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        node = (metadata or {}).get("langgraph_node")
        # What runs within a node bears the node's metadata, but another name.
        if node and kwargs.get("name") == node:
            self._running[run_id] = (len(self._steps), time.monotonic())
            self._steps.append(TurnStep(node, 0))

    async def on_chain_end(self, outputs: dict[str, Any], *, run_id: UUID, **kwargs: Any) -> None:
        self._end(run_id, "")

    async def on_chain_error(self, error: BaseException, *, run_id: UUID, **kwargs: Any) -> None:
        # A node that waits for the user ends like this, and nothing is wrong with it.
        if isinstance(error, Exception) and not isinstance(error, GraphBubbleUp):
            self._end(run_id, explained(error).code)
        else:
            self._end(run_id, "")

    def _end(self, run_id: UUID, error: str) -> None:
        if run_id in self._running:
            place, began_at = self._running.pop(run_id)
            milliseconds = round((time.monotonic() - began_at) * 1000)
            self._steps[place] = replace(self._steps[place], milliseconds=milliseconds, error=error)

    def _place_of(self, node: str) -> int | None:
        """Return where the newest step of the node stands."""
        places = range(len(self._steps) - 1, -1, -1)
        return next((place for place in places if self._steps[place].node == node), None)
