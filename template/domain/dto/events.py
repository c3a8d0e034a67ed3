"""The events of a turn, in the order `start`, `token`*, `agent_response`, `end`; or one `error`."""

from dataclasses import dataclass, field

from domain.dto.chat import Session, TokenUsage
from domain.ids import trace_id_of

Payload = dict[str, object]


@dataclass(frozen=True, slots=True)
class StartEvent:
    """The question is accepted; the ids are those to send back with the next one.

    `handoff`, which clients learn from the end: a person has the chat, and the bot will be silent.
    """

    session: Session
    message_id: str
    handoff: bool = False

    def payload(self) -> Payload:
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

    def payload(self) -> Payload:
        return {"type": "token", "message_id": self.message_id, "delta": self.delta}


@dataclass(frozen=True, slots=True)
class AgentResponseEvent:
    """The whole answer, and the tokens of all model calls of the turn."""

    message_id: str
    content: str
    usage: TokenUsage = field(default_factory=TokenUsage)

    def payload(self) -> Payload:
        return {"type": "agent_response", "message_id": self.message_id, "content": self.content}


@dataclass(frozen=True, slots=True)
class EndEvent:
    """The turn is stored and over; with `handoff` a person goes on with the chat."""

    message_id: str
    session_id: str
    chat_id: str
    full_text: str
    handoff: bool = False

    def payload(self) -> Payload:
        payload: Payload = {
            "type": "end",
            "message_id": self.message_id,
            "session_id": self.session_id,
            "chat_id": self.chat_id,
            "full_text": self.full_text,
            "trace_id": trace_id_of(self.message_id),
        }
        return {**payload, "handoff": True} if self.handoff else payload


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

    def payload(self) -> Payload:
        payload: Payload = {"type": "error", "code": self.code, "message": self.message}
        if self.message_id is not None:
            payload["message_id"] = self.message_id
            payload["trace_id"] = self.trace_id
        return payload


ChatEvent = StartEvent | TokenEvent | AgentResponseEvent | EndEvent | ErrorEvent
