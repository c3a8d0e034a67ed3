"""The conversation as a graph."""

from typing import Any

from langchain_core.runnables import Runnable
from langgraph.graph import END, StateGraph

from app.core.service.llm.graph.nodes import AgentNodes
from app.core.service.llm.graph.state import AgentState


class OrchestratorAgentService(AgentNodes):
    """qualify_lead -> present_product <-> handle_objection -> close_sale, or nurture."""

    def _build_graph(self) -> Runnable[Any, Any]:
        workflow = StateGraph(AgentState)

        workflow.add_node("qualify_lead", self._qualify_lead_node)
        workflow.add_node("present_product", self._present_product_node)
        workflow.add_node("handle_objection", self._handle_objection_node)
        workflow.add_node("close_sale", self._close_sale_node)
        workflow.add_node("nurture", self._nurture_node)

        workflow.set_entry_point("qualify_lead")
        workflow.add_conditional_edges(
            "qualify_lead",
            self._route_by_qualification,
            {"qualified": "present_product", "not_qualified": "nurture"},
        )
        workflow.add_conditional_edges(
            "present_product",
            self._route_by_reaction,
            {"has_objection": "handle_objection", "interested": "close_sale"},
        )
        workflow.add_edge("handle_objection", "present_product")
        workflow.add_edge("close_sale", END)
        workflow.add_edge("nurture", END)

        return workflow.compile(checkpointer=self.checkpoints)
