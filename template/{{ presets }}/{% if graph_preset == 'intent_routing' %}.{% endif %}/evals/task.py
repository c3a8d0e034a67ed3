"""What this graph decides about a message, and what of it is scored."""

from typing import get_args

from app.core.service.llm.graph.decisions import Intent, IntentDecision
from app.core.service.llm.graph.nodes import MIN_CONFIDENCE
from app.core.service.llm.graph.prompts import INTENT_PROMPT
from evals.schema_choice import schema_choice


def _route_of(decision: IntentDecision | None) -> str:
    if decision is not None and decision.asks_for_human:
        return "human"
    if decision is None or decision.confidence < MIN_CONFIDENCE:
        return "other"
    return decision.intent


CHOICES = {
    "intent": schema_choice(
        IntentDecision,
        INTENT_PROMPT,
        routes=[*get_args(Intent), "human"],
        slots=["topic"],
        route_of=_route_of,
    )
}
