"""What this graph decides about a message, and what of it is scored."""

from app.core.service.llm.graph.decisions import LeadDecision, ReactionDecision
from app.core.service.llm.graph.nodes import MIN_CONFIDENCE
from app.core.service.llm.graph.prompts import LEAD_PROMPT, REACTION_PROMPT
from evals.schema_choice import schema_choice


def _route_of_lead(decision: LeadDecision | None) -> str:
    if decision is not None and decision.asks_for_human:
        return "human"
    if decision is None or decision.confidence < MIN_CONFIDENCE:
        return "not_qualified"
    return "qualified" if decision.is_qualified else "not_qualified"


def _route_of_reaction(decision: ReactionDecision | None) -> str:
    if decision is not None and decision.asks_for_human:
        return "human"
    if decision is None or decision.confidence < MIN_CONFIDENCE:
        return "has_objection"
    return decision.reaction


CHOICES = {
    "lead": schema_choice(
        LeadDecision,
        LEAD_PROMPT,
        routes=["qualified", "not_qualified", "human"],
        slots=["need"],
        route_of=_route_of_lead,
    ),
    "reaction": schema_choice(
        ReactionDecision,
        REACTION_PROMPT,
        routes=["interested", "has_objection", "human"],
        slots=["need"],
        route_of=_route_of_reaction,
    ),
}
