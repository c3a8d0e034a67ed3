"""What every graph knows, whatever its conversation is about."""

from typing import Annotated, TypedDict

from langchain_core.messages import BaseMessage
from langgraph.graph.message import add_messages

from domain.dto.handoff import HandoffRequest


class TurnState(TypedDict):
    """The recent messages and whose they are; with `handoff`, a person takes the chat over."""

    messages: Annotated[list[BaseMessage], add_messages]
    user_id: str | None
    chat_id: str | None
    session_id: str | None
    handoff: HandoffRequest | None
