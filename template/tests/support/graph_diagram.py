"""The graph that is drawn in docs/graph.md, and the one that is compiled."""

import re

from app.core.service.llm.base_orchestrator_service import BaseOrchestratorService
from tests.support.bot_folder import BOT_FOLDER

_ARROW = re.compile(r"^ *(\[\*\]|\w+) --> (\[\*\]|\w+)", re.MULTILINE)
_ENDS = {"__start__": "[*]", "__end__": "[*]"}

Edges = set[tuple[str, str]]


def drawn_edges() -> Edges:
    """Return the edges of the first Mermaid diagram in docs/graph.md."""
    document = (BOT_FOLDER / "docs" / "graph.md").read_text("utf-8")
    return set(_ARROW.findall(document.partition("```mermaid")[2].partition("```")[0]))


def compiled_edges(agent: BaseOrchestratorService) -> Edges:
    """Return the edges of the agent's graph, named as a diagram names them."""
    return {
        (_ENDS.get(edge.source, edge.source), _ENDS.get(edge.target, edge.target))
        for edge in agent.graph.get_graph().edges
    }
