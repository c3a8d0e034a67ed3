"""The conversation as a graph."""

from typing import Any

from langchain_core.runnables import Runnable
from langgraph.graph import END, StateGraph

from app.core.service.llm.graph.nodes import AgentNodes
from app.core.service.llm.graph.state import AgentState


class OrchestratorAgentService(AgentNodes):
    """collect_info <-> ask_question until enough is known, then analyze -> generate_report."""

    def _build_graph(self) -> Runnable[Any, Any]:
        workflow = StateGraph(AgentState)

        workflow.add_node("collect_info", self._collect_info_node)
        workflow.add_node("ask_question", self._ask_question_node)
        workflow.add_node("analyze", self._analyze_node)
        workflow.add_node("generate_report", self._generate_report_node)

        workflow.set_entry_point("collect_info")
        workflow.add_conditional_edges(
            "collect_info",
            self._route_by_info,
            {"info_complete": "analyze", "needs_more_info": "ask_question"},
        )
        workflow.add_edge("ask_question", "collect_info")
        workflow.add_edge("analyze", "generate_report")
        workflow.add_edge("generate_report", END)

        return workflow.compile(checkpointer=self.checkpoints)
