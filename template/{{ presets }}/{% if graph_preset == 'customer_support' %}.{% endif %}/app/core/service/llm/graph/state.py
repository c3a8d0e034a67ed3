"""What the conversation knows while the graph runs."""

from typing import Annotated, TypedDict

from langchain_core.messages import BaseMessage
from langgraph.graph.message import add_messages

from domain.dto.handoff import HandoffRequest


class AgentState(TypedDict):
    """The recent messages and whose they are; what the customer needs; add your own below."""

    messages: Annotated[list[BaseMessage], add_messages]
    user_id: str | None
    chat_id: str | None
    session_id: str | None
    handoff: HandoffRequest | None

    intent: str | None
    order_number: str | None
    topic: str | None
    asks_for_human: bool
    facts: str | None
