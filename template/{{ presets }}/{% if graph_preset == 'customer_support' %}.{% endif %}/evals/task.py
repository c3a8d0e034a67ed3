"""What this graph decides about a message, and what of it is scored."""

from app.core.service.llm.graph.decisions import SupportDecision
from app.core.service.llm.graph.nodes import MIN_CONFIDENCE
from app.core.service.llm.graph.prompts import INTENT_PROMPT
from evals.schema_choice import schema_choice


def _route_of(decision: SupportDecision | None) -> str:
    if decision is not None and decision.asks_for_human:
        return "human"
    if decision is None or decision.confidence < MIN_CONFIDENCE:
        return "unknown"
    return decision.intent


CHOICES = {
    "intent": schema_choice(
        SupportDecision,
        INTENT_PROMPT,
        routes=["faq", "complaint", "order", "unknown", "human"],
        slots=["order_number", "topic"],
        route_of=_route_of,
    )
}
