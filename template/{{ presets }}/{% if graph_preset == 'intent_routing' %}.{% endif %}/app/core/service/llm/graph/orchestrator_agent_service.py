"""The conversation as a graph."""

from typing import Any

from langchain_core.runnables import Runnable
from langgraph.graph import END, StateGraph

from app.core.service.llm.graph.nodes import AgentNodes
from app.core.service.llm.graph.state import AgentState


class OrchestratorAgentService(AgentNodes):
    """process_message -> classify_intent -> handle_faq | handle_sales | nothing -> respond."""

    def _build_graph(self) -> Runnable[Any, Any]:
        workflow = StateGraph(AgentState)

        workflow.add_node("process_message", self._process_message_node)
        workflow.add_node("classify_intent", self._classify_intent_node)
        workflow.add_node("handle_faq", self._handle_faq_node)
        workflow.add_node("handle_sales", self._handle_sales_node)
        workflow.add_node("respond", self._respond_node)

        workflow.set_entry_point("process_message")
        workflow.add_edge("process_message", "classify_intent")
        workflow.add_conditional_edges(
            "classify_intent",
            self._route_by_intent,
            {"faq": "handle_faq", "sales": "handle_sales", "other": "respond"},
        )
        workflow.add_edge("handle_faq", "respond")
        workflow.add_edge("handle_sales", "respond")
        workflow.add_edge("respond", END)

        return workflow.compile()
