"""The steps of the conversation: each takes the state and returns what it changes."""

from typing import Any

from langchain_core.messages import SystemMessage

from app.core.service.llm.base_orchestrator_service import BaseOrchestratorService
from app.core.service.llm.graph.prompts import SYSTEM_PROMPT
from app.core.service.llm.graph.state import AgentState


class AgentNodes(BaseOrchestratorService):
    """The nodes of the graph; `self.chat_model` is the language model."""

    async def _process_message_node(self, state: AgentState) -> dict[str, Any]:
        """Prepare the question; the place to look things up before answering."""
        return {}

    async def _respond_node(self, state: AgentState) -> dict[str, Any]:
        """Answer from the system prompt and the recent messages."""
        messages = [SystemMessage(SYSTEM_PROMPT), *state["messages"]]
        return {"messages": [await self.chat_model.ainvoke(messages)]}
