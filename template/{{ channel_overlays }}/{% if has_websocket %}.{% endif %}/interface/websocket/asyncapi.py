"""The socket's protocol as an AsyncAPI document, made of the types that the code itself uses.

https://www.asyncapi.com/docs/reference/specification/v3.0.0
"""

from typing import Any, get_type_hints

from fastapi import APIRouter, HTTPException, Request
from pydantic import BaseModel, create_model

from app.core.service.auth import texts as auth_texts
from app.core.texts import ERROR_MESSAGES
from domain.dto.events import (
    AgentResponsePayload,
    EndPayload,
    StartPayload,
    TokenPayload,
)
from domain.dto.following import FollowingPayload, HandoffEndedPayload, OperatorMessagePayload
from interface.chat_request_body import ChatRequestBody
from interface.dependencies import TheSettings
from interface.websocket import protocol_texts, texts
from interface.websocket.chat_connection import ConnectedPayload
from interface.websocket.chat_ws import SOCKET_PATH
from interface.websocket.feedback_messages import FeedbackRecordedPayload, SocketErrorPayload
from interface.websocket.incoming import CancelBody, FeedbackBody, FollowBody

# What clients send and what they are sent, each by the name it has in the documentation.
INCOMING: dict[str, type[BaseModel]] = {
    "question": ChatRequestBody,
    "cancel": CancelBody,
    "follow": FollowBody,
    "feedback": FeedbackBody,
}
OUTGOING: dict[str, type] = {
    "connected": ConnectedPayload,
    "start": StartPayload,
    "token": TokenPayload,
    "agent_response": AgentResponsePayload,
    "end": EndPayload,
    "error": SocketErrorPayload,
    "following": FollowingPayload,
    "operator_message": OperatorMessagePayload,
    "handoff_ended": HandoffEndedPayload,
    "feedback_recorded": FeedbackRecordedPayload,
}
# The sentence of each code of the event `error`.
ERRORS = {
    **ERROR_MESSAGES,
    "unauthorized": auth_texts.UNAUTHORIZED,
    "forbidden": auth_texts.FORBIDDEN,
    "user_id_required": auth_texts.USER_ID_REQUIRED,
    "invalid_json": texts.INVALID_JSON,
    "invalid_request": texts.INVALID_REQUEST,
    "unknown_type": texts.UNKNOWN_TYPE,
    "binary_not_supported": texts.BINARY_NOT_SUPPORTED,
    "message_too_large": texts.MESSAGE_TOO_LARGE,
    "turn_in_progress": texts.TURN_IN_PROGRESS,
    "cancelled": texts.CANCELLED,
}

_CHANNEL = "chat"

router = APIRouter()


@router.get("/asyncapi.json", include_in_schema=False)
async def describe_socket(request: Request, settings: TheSettings) -> dict[str, Any]:
    """Give the description of the socket; in production there is none."""
    if settings.is_production:
        raise HTTPException(404)
    protocol = "wss" if request.url.scheme == "https" else "ws"
    return asyncapi_document(request.app.title, request.url.netloc, protocol)


def asyncapi_document(title: str, host: str, protocol: str) -> dict[str, Any]:
    """Return the document for the bot with this title, reached at the host by ws or wss."""
    names = [*INCOMING, *OUTGOING]
    return {
        "asyncapi": "3.0.0",
        "info": {"title": title, "version": "1", "description": protocol_texts.PROTOCOL},
        "defaultContentType": "application/json",
        "servers": {
            "bot": {
                "host": host,
                "protocol": protocol,
                "security": [{"$ref": "#/components/securitySchemes/bearer"}],
            }
        },
        "channels": {
            _CHANNEL: {
                "address": SOCKET_PATH,
                "description": protocol_texts.CHANNEL,
                "messages": {n: {"$ref": f"#/components/messages/{n}"} for n in names},
            }
        },
        "operations": {
            "take": _operation("receive", protocol_texts.TAKE, list(INCOMING)),
            "tell": _operation("send", protocol_texts.TELL, list(OUTGOING)),
        },
        "components": {
            "messages": {name: _message(name) for name in names},
            "schemas": {name: schema_of(name) for name in names},
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": protocol_texts.CREDENTIAL,
                }
            },
        },
    }


def schema_of(name: str) -> dict[str, Any]:
    """Return the JSON schema of what goes over the wire under this name."""
    model = INCOMING.get(name) or _model(OUTGOING[name])
    schema = model.model_json_schema()
    schema.pop("examples", None)
    for field, described in schema["properties"].items():
        described.pop("title", None)
        # A field that may be missing is never null, and one that may be null says so by itself.
        if described.get("default", ...) is None:
            del described["default"]
        described["description"] = protocol_texts.FIELDS[field]
    if name == "error":
        schema["properties"]["code"]["enum"] = sorted(ERRORS)
    return {**schema, "title": name, "description": protocol_texts.MESSAGES[name]}


def _model(payload: type) -> type[BaseModel]:
    required: frozenset[str] = vars(payload)["__required_keys__"]
    fields: dict[str, Any] = {
        name: (hint, ... if name in required else None)
        for name, hint in get_type_hints(payload).items()
    }
    return create_model(payload.__name__, **fields)


def _operation(action: str, summary: str, names: list[str]) -> dict[str, Any]:
    messages = [{"$ref": f"#/channels/{_CHANNEL}/messages/{name}"} for name in names]
    channel = {"$ref": f"#/channels/{_CHANNEL}"}
    return {"action": action, "channel": channel, "summary": summary, "messages": messages}


def _message(name: str) -> dict[str, Any]:
    return {
        "name": name,
        "title": name,
        "summary": protocol_texts.MESSAGES[name],
        "payload": {"$ref": f"#/components/schemas/{name}"},
        "examples": [{"payload": protocol_texts.EXAMPLES[name]}],
    }
