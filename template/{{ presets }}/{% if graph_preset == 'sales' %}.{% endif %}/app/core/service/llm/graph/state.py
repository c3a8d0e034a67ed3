"""What the conversation knows while the graph runs, and between turns while it waits."""

from app.core.service.llm.turn_state import TurnState


class SalesState(TurnState):
    """What the lead wants."""

    need: str | None
    is_qualified: bool
    offer: str | None
    pitch: str | None
    reaction: str | None
    objections: int


class AgentState(SalesState):
    """The state of your graph: add your own fields below."""
