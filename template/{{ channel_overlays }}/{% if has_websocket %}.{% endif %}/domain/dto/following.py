"""What a connection is told of a chat beside its own turns."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypedDict

from domain.dto.chat import Message

# What goes to a client, as JSON.
Payload = Mapping[str, object]


class FollowingPayload(TypedDict):
    type: Literal["following"]
    chat_id: str
    handoff: bool


class OperatorMessagePayload(TypedDict):
    type: Literal["operator_message"]
    chat_id: str
    message_id: str
    content: str
    created_at: str


class HandoffEndedPayload(TypedDict):
    type: Literal["handoff_ended"]
    chat_id: str


@dataclass(frozen=True, slots=True)
class FollowingEvent:
    """The chat is followed from here on; `handoff` tells whether a person has it now."""

    chat_id: str
    handoff: bool

    def payload(self) -> FollowingPayload:
        return {"type": "following", "chat_id": self.chat_id, "handoff": self.handoff}


@dataclass(frozen=True, slots=True)
class OperatorMessageEvent:
    """An operator wrote to the user."""

    message: Message

    def payload(self) -> OperatorMessagePayload:
        return {
            "type": "operator_message",
            "chat_id": self.message.chat_id,
            "message_id": self.message.message_id,
            "content": self.message.content,
            "created_at": self.message.created_at,
        }


@dataclass(frozen=True, slots=True)
class HandoffEndedEvent:
    """The bot answers in the chat again."""

    chat_id: str

    def payload(self) -> HandoffEndedPayload:
        return {"type": "handoff_ended", "chat_id": self.chat_id}


FollowedEvent = FollowingEvent | OperatorMessageEvent | HandoffEndedEvent
