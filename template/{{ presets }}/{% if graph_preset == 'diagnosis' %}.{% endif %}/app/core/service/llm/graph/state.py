"""What the conversation knows while the graph runs, and between turns while it waits."""

from typing import Annotated, TypedDict

from langchain_core.messages import BaseMessage
from langgraph.graph.message import add_messages

from domain.dto.handoff import HandoffRequest


class AgentState(TypedDict):
    """The recent messages and whose they are; what is known of the problem; add your own below."""

    messages: Annotated[list[BaseMessage], add_messages]
    user_id: str | None
    chat_id: str | None
    session_id: str | None
    handoff: HandoffRequest | None

    device: str | None
    problem: str | None
    symptoms: list[str]
    tried: list[str]
    is_complete: bool
    question: str | None
    questions_asked: int
    findings: str | None
