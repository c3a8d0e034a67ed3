import pytest

from domain.dto.chat import Session
from domain.dto.events import (
    AgentResponseEvent,
    ChatEvent,
    EndEvent,
    ErrorEvent,
    StartEvent,
    TokenEvent,
)

# The first 32 digits of the SHA-256 of msg_1.
TRACE_ID = "116b88f173007be5e05df2a87105f095"
SESSION = Session("sess_1", "chat_1", "ana", "now", "now")


@pytest.mark.parametrize(
    ("event", "payload"),
    [
        (
            StartEvent(SESSION, "msg_1"),
            {
                "type": "start",
                "session_id": "sess_1",
                "chat_id": "chat_1",
                "message_id": "msg_1",
                "trace_id": TRACE_ID,
            },
        ),
        (TokenEvent("msg_1", "Hi"), {"type": "token", "message_id": "msg_1", "delta": "Hi"}),
        (
            AgentResponseEvent("msg_1", "Hi!"),
            {"type": "agent_response", "message_id": "msg_1", "content": "Hi!"},
        ),
        (
            EndEvent("msg_1", "sess_1", "chat_1", "Hi!"),
            {
                "type": "end",
                "message_id": "msg_1",
                "session_id": "sess_1",
                "chat_id": "chat_1",
                "full_text": "Hi!",
                "trace_id": TRACE_ID,
            },
        ),
        (
            ErrorEvent("rate_limited", "Later."),
            {"type": "error", "code": "rate_limited", "message": "Later."},
        ),
        (
            ErrorEvent("rate_limited", "Later.", "msg_1"),
            {
                "type": "error",
                "code": "rate_limited",
                "message": "Later.",
                "message_id": "msg_1",
                "trace_id": TRACE_ID,
            },
        ),
    ],
    ids=lambda value: value["type"] if isinstance(value, dict) else None,
)
def test_an_event_on_the_wire_has_exactly_its_fields(
    event: ChatEvent, payload: dict[str, object]
) -> None:
    assert event.payload() == payload
