"""The conversation as a graph."""

from typing import Any

from langchain_core.runnables import Runnable
from langgraph.graph import END, StateGraph

from app.core.service.llm.graph.nodes import AgentNodes
from app.core.service.llm.graph.state import AgentState


class OrchestratorAgentService(AgentNodes):
    """process_message -> respond."""

    def _build_graph(self) -> Runnable[Any, Any]:
        workflow = StateGraph(AgentState)

        workflow.add_node("process_message", self._process_message_node)
        workflow.add_node("respond", self._respond_node)

        workflow.set_entry_point("process_message")
        workflow.add_edge("process_message", "respond")
        workflow.add_edge("respond", END)

        return workflow.compile()
