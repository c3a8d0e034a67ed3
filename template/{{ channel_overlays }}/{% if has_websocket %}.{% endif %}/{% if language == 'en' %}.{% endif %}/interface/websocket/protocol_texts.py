"""The words of the socket's documentation."""

from typing import Any

PROTOCOL = (
    "A conversation with the bot over one WebSocket, in text messages of JSON. `connected` comes first."
    " A turn is `start`, then either `agent_response` and `end`, or one `error`; nothing follows with"
    " that `message_id`. There is one turn at a time. Fields may be added; ignore those you do not know."
)
CHANNEL = "One connection of one client."
TAKE = "What the client sends."
TELL = "What the bot sends."
CREDENTIAL = (
    "An API key or a JSON Web Token, as AUTH_MODE says: in the header Authorization or, from browsers,"
    " as the subprotocol `bearer.<token>`, which is echoed."
)
MESSAGES = {
    "question": "A question; it opens a chat, or goes on with the one of `chat_id`.",
    "cancel": "Stops the answer that is being given.",
    "follow": "Asks to be told what people of the team write in this chat.",
    "feedback": "Tells what the user thinks of an answer, in place of what they thought before.",
    "connected": "The connection is open. The first event, once.",
    "start": "The question is accepted and stored.",
    "token": "A piece of the answer, only if the question has `stream`; together they are `full_text`.",
    "agent_response": "The whole answer.",
    "end": "The turn is stored and over.",
    "error": "The turn failed, or what the client sent was refused. The connection stays open.",
    "following": "The chat is followed from here on.",
    "operator_message": "A person of the team wrote to the user.",
    "handoff_ended": "The bot answers in this chat again.",
    "feedback_recorded": "What the user thinks of the answer is kept.",
}
FIELDS = {
    "type": "Which message this is.",
    "user_id": "The user; needed where the credential does not name one.",
    "question": "What the user says; at most 16,000 characters are answered.",
    "chat_id": "The chat. Null or left out in a question, a new one is opened.",
    "session_id": "The visit to the chat. Null, left out or ended in a question, a new one begins.",
    "stream": "Whether the answer is also sent in pieces while it is written.",
    "after": "The newest message the client has of the chat; what came later is told first.",
    "message": "A sentence for people, in the bot's language.",
    "message_id": "The answer's id; on `operator_message`, that message's.",
    "trace_id": "What to look for in the logs and traces of the turn.",
    "delta": "The next piece of the answer.",
    "content": "The whole text.",
    "full_text": "The whole answer; empty while a person has the chat.",
    "handoff": "A person goes on with the chat, and the bot is silent in it.",
    "code": "Which failure this is; it never changes.",
    "created_at": "When it was written, in UTC.",
    "rating": "`good` or `bad`; null takes it back.",
    "comment": "Why, in the user's words; at most 1,000 characters.",
    "request": "`feedback` where that was refused; a turn that is running goes on.",
}
_IDS = {
    "message_id": "msg_0198c0de4b2a7f3e8a1b2c3d4e5f6071",
    "session_id": "sess_0198c0de4b2a70018a1b2c3d4e5f6072",
    "chat_id": "chat_0198c0de4b2a70028a1b2c3d4e5f6073",
}
_CHAT = {"chat_id": _IDS["chat_id"]}
_MESSAGE = {"message_id": _IDS["message_id"]}
_TRACE = {"trace_id": "0af7651916cd43dd8448eb211c80319c"}
EXAMPLES: dict[str, dict[str, Any]] = {
    "question": {"user_id": "user_123", "question": "Hello!", "stream": True},
    "cancel": {"type": "cancel"},
    "follow": {"type": "follow", "user_id": "user_123", **_CHAT},
    "feedback": {
        "type": "feedback",
        "user_id": "user_123",
        **_CHAT,
        **_MESSAGE,
        "rating": "good",
        "comment": "Just what I wanted.",
    },
    "connected": {"type": "connected", "message": "Connection established."},
    "start": {"type": "start", **_IDS, **_TRACE},
    "token": {"type": "token", **_MESSAGE, "delta": "Good "},
    "agent_response": {"type": "agent_response", **_MESSAGE, "content": "Good morning!"},
    "end": {"type": "end", **_IDS, "full_text": "Good morning!", **_TRACE},
    "error": {
        "type": "error",
        "code": "rate_limited",
        "message": "You sent many messages in a short time. Wait a minute and try again.",
        **_MESSAGE,
        **_TRACE,
    },
    "following": {"type": "following", **_CHAT, "handoff": True},
    "operator_message": {
        "type": "operator_message",
        **_CHAT,
        **_MESSAGE,
        "content": "Hello, this is Rita. How can I help?",
        "created_at": "2026-11-20T12:00:00.000000Z",
    },
    "handoff_ended": {"type": "handoff_ended", **_CHAT},
    "feedback_recorded": {"type": "feedback_recorded", **_CHAT, **_MESSAGE, "rating": "good"},
}
