"""What the conversation knows while the graph runs."""

from app.core.service.llm.turn_state import TurnState


class AgentState(TurnState):
    """The state of your graph: add your own fields below."""
