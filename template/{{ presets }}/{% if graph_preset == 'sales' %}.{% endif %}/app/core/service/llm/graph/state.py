"""What the conversation knows while the graph runs, and between turns while it waits."""

from typing import Annotated, TypedDict

from langchain_core.messages import BaseMessage
from langgraph.graph.message import add_messages

from domain.dto.handoff import HandoffRequest


class AgentState(TypedDict):
    """The recent messages and whose they are; what the lead wants; add your own below."""

    messages: Annotated[list[BaseMessage], add_messages]
    user_id: str | None
    chat_id: str | None
    session_id: str | None
    handoff: HandoffRequest | None

    need: str | None
    is_qualified: bool
    offer: str | None
    pitch: str | None
    reaction: str | None
    objections: int
