"""What the conversation knows while the graph runs."""

from app.core.service.llm.turn_state import TurnState


class RoutingState(TurnState):
    """What the question is about."""

    intent: str | None
    topic: str | None
    facts: str | None


class AgentState(RoutingState):
    """The state of your graph: add your own fields below."""
