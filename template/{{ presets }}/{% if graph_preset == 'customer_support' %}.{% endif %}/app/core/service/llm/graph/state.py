"""What the conversation knows while the graph runs."""

from app.core.service.llm.turn_state import TurnState


class SupportState(TurnState):
    """What the customer needs."""

    intent: str | None
    order_number: str | None
    topic: str | None
    asks_for_human: bool
    facts: str | None


class AgentState(SupportState):
    """The state of your graph: add your own fields below."""
