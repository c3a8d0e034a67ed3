"""The steps of the conversation: each takes the state and returns what it changes."""

from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, SystemMessage

from app.core.service.llm.base_orchestrator_service import BaseOrchestratorService
from app.core.service.llm.graph.prompts import SYSTEM_PROMPT
from app.core.service.llm.graph.state import AgentState
from app.core.service.llm.handoff import RequestHuman, handed_over, request_human


class AgentNodes(BaseOrchestratorService):
    """The nodes of the graph; `self.chat_model` is the language model."""

    def __init__(self, chat_model: BaseChatModel) -> None:
        self._model = chat_model.bind_tools([RequestHuman])
        super().__init__(chat_model)

    async def _process_message_node(self, state: AgentState) -> dict[str, Any]:
        """Prepare the question; the place to look things up before answering."""
        return {}

    async def _respond_node(self, state: AgentState) -> dict[str, Any]:
        """Answer from the system prompt and the recent messages, or hand over to a person."""
        answer = await self._model.ainvoke([SystemMessage(SYSTEM_PROMPT), *state["messages"]])
        summary = _summary_in(answer)
        if summary is None:
            return {"messages": [answer]}
        handoff = request_human(summary)
        return {"handoff": handoff, "messages": [handed_over(handoff, before=answer.text)]}


def _summary_in(answer: AIMessage) -> str | None:
    """Return what the tool RequestHuman was called with, None if it was not called."""
    calls = [call["args"] for call in answer.tool_calls if call["name"] == RequestHuman.__name__]
    return str(calls[0].get("summary", "")) if calls else None
