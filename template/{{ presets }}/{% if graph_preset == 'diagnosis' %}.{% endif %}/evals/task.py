"""What this graph decides about a message, and what of it is scored."""

from app.core.service.llm.graph.decisions import CaseDecision
from app.core.service.llm.graph.nodes import MIN_CONFIDENCE
from app.core.service.llm.graph.prompts import CASE_PROMPT
from evals.schema_choice import schema_choice


def _route_of(decision: CaseDecision | None) -> str:
    if decision is not None and decision.asks_for_human:
        return "human"
    if decision is None or decision.confidence < MIN_CONFIDENCE or not decision.is_complete:
        return "needs_more_info"
    return "info_complete"


CHOICES = {
    "case": schema_choice(
        CaseDecision,
        CASE_PROMPT,
        routes=["info_complete", "needs_more_info", "human"],
        slots=["device", "problem", "symptoms", "tried"],
        route_of=_route_of,
    )
}
