"""What the conversation knows while the graph runs, and between turns while it waits."""

from app.core.service.llm.turn_state import TurnState


class DiagnosisState(TurnState):
    """What is known of the problem."""

    device: str | None
    problem: str | None
    symptoms: list[str]
    tried: list[str]
    is_complete: bool
    question: str | None
    questions_asked: int
    findings: str | None


class AgentState(DiagnosisState):
    """The state of your graph: add your own fields below."""
