"""The conversation as a graph."""

from typing import Any

from langchain_core.runnables import Runnable
from langgraph.graph import END, StateGraph

from app.core.service.llm.graph.nodes import AgentNodes
from app.core.service.llm.graph.state import AgentState


class OrchestratorAgentService(AgentNodes):
    """identify_intent -> handle_faq | handle_complaint, escalate | handle_order, check_status | fallback -> respond."""

    def _build_graph(self) -> Runnable[Any, Any]:
        workflow = StateGraph(AgentState)

        workflow.add_node("identify_intent", self._identify_intent_node)
        workflow.add_node("handle_faq", self._handle_faq_node)
        workflow.add_node("handle_complaint", self._handle_complaint_node)
        workflow.add_node("escalate", self._escalate_node)
        workflow.add_node("handle_order", self._handle_order_node)
        workflow.add_node("check_status", self._check_status_node)
        workflow.add_node("fallback", self._fallback_node)
        workflow.add_node("respond", self._respond_node)

        workflow.set_entry_point("identify_intent")
        workflow.add_conditional_edges(
            "identify_intent",
            self._route_by_intent,
            {
                "faq": "handle_faq",
                "complaint": "handle_complaint",
                "order": "handle_order",
                "unknown": "fallback",
            },
        )
        workflow.add_edge("handle_faq", "respond")
        workflow.add_edge("handle_complaint", "escalate")
        workflow.add_edge("escalate", "respond")
        workflow.add_edge("handle_order", "check_status")
        workflow.add_edge("check_status", "respond")
        workflow.add_edge("fallback", "respond")
        workflow.add_edge("respond", END)

        return workflow.compile()
