"""The events of a turn, in the order `start`, `token`*, `agent_response`, `end`; or one `error`."""

from dataclasses import dataclass, field
from typing import Literal, NotRequired, TypedDict

from domain.dto.chat import Session, TokenUsage
from domain.ids import trace_id_of


class StartPayload(TypedDict):
    type: Literal["start"]
    session_id: str
    chat_id: str
    message_id: str
    trace_id: str


class TokenPayload(TypedDict):
    type: Literal["token"]
    message_id: str
    delta: str


class AgentResponsePayload(TypedDict):
    type: Literal["agent_response"]
    message_id: str
    content: str


class EndPayload(TypedDict):
    type: Literal["end"]
    message_id: str
    session_id: str
    chat_id: str
    full_text: str
    trace_id: str
    handoff: NotRequired[Literal[True]]


class ErrorPayload(TypedDict):
    type: Literal["error"]
    code: str
    message: str
    message_id: NotRequired[str]
    trace_id: NotRequired[str]


@dataclass(frozen=True, slots=True)
class StartEvent:
    """The question is accepted; the ids are those to send back with the next one.

    `handoff`, which clients learn from the end: a person has the chat, and the bot will be silent.
    """

    session: Session
    message_id: str
    handoff: bool = False

    def payload(self) -> StartPayload:
        return {
            "type": "start",
            "session_id": self.session.session_id,
            "chat_id": self.session.chat_id,
            "message_id": self.message_id,
            "trace_id": trace_id_of(self.message_id),
        }


@dataclass(frozen=True, slots=True)
class TokenEvent:
    """A piece of the answer; the pieces of a turn concatenate to its `full_text`."""

    message_id: str
    delta: str

    def payload(self) -> TokenPayload:
        return {"type": "token", "message_id": self.message_id, "delta": self.delta}


@dataclass(frozen=True, slots=True)
class AgentResponseEvent:
    """The whole answer, and the tokens of all model calls of the turn."""

    message_id: str
    content: str
    usage: TokenUsage = field(default_factory=TokenUsage)

    def payload(self) -> AgentResponsePayload:
        return {"type": "agent_response", "message_id": self.message_id, "content": self.content}


@dataclass(frozen=True, slots=True)
class EndEvent:
    """The turn is stored and over; with `handoff` a person goes on with the chat."""

    message_id: str
    session_id: str
    chat_id: str
    full_text: str
    handoff: bool = False

    def payload(self) -> EndPayload:
        payload: EndPayload = {
            "type": "end",
            "message_id": self.message_id,
            "session_id": self.session_id,
            "chat_id": self.chat_id,
            "full_text": self.full_text,
            "trace_id": trace_id_of(self.message_id),
        }
        if self.handoff:
            payload["handoff"] = True
        return payload


@dataclass(frozen=True, slots=True)
class ErrorEvent:
    """The turn, or what was sent instead of one, failed; `code` is stable, `message` is for people."""

    code: str
    message: str
    message_id: str | None = None

    @property
    def trace_id(self) -> str | None:
        """The id of the turn's trace, if there was a turn."""
        return None if self.message_id is None else trace_id_of(self.message_id)

    def payload(self) -> ErrorPayload:
        payload: ErrorPayload = {"type": "error", "code": self.code, "message": self.message}
        if self.message_id is not None:
            payload["message_id"] = self.message_id
            payload["trace_id"] = trace_id_of(self.message_id)
        return payload


ChatEvent = StartEvent | TokenEvent | AgentResponseEvent | EndEvent | ErrorEvent
