"""The roles of the functions behind the WebSocket API, beside what the functions do."""

import json
import time
from typing import Any

import pytest

from domain.ids import new_id
from interface.aws_lambda import socket_function
from tests.infrastructure.functions.conftest import StartElsewhere, StartFunction
from tests.support.bedrock_fake import BedrockFake
from tests.support.plain_agent import A_PERSON
from tests.support.recorded_functions import Elsewhere, RecordedFunction


def event(kind: str, connection_id: str, body: object = None) -> dict[str, Any]:
    """Return an event of API Gateway's WebSocket API."""
    return {
        "requestContext": {"eventType": kind, "connectionId": connection_id},
        "headers": {"Authorization": "Bearer a-long-key-of-ana"},
        "body": json.dumps(body),
        "isBase64Encoded": False,
    }


def serve_a_client(socket: RecordedFunction, chat_id: str) -> None:
    """Connect, follow the chat, rate what is no answer, ask, cancel, break the rules, and leave."""
    connected = socket.invoke(event("CONNECT", "ana-1"))
    assert connected["statusCode"] == 200
    for message in (
        {"type": "follow", "chat_id": chat_id},
        {"type": "feedback", "chat_id": chat_id, "message_id": new_id("msg"), "rating": "bad"},
        {"question": "Hello!"},
        {"type": "cancel"},
        {"type": "unheard of"},
    ):
        socket.invoke(event("MESSAGE", "ana-1", message))
    socket.invoke(event("DISCONNECT", "ana-1"))


def answer(connection_id: str, question: str, **known: str) -> dict[str, Any]:
    """Return the order to answer a question."""
    request = {"user_id": "ana", "question": question, "channel": "websocket", **known}
    order = {"connection_id": connection_id, "turn_id": "turn_1", "accepted_at": time.time()}
    return {"answer": {**order, "request": request}}


def run_turns(turns: RecordedFunction, elsewhere: Elsewhere) -> None:
    """Greet, answer, hand over to a person although another chat is followed, and miss a client."""
    connections = elsewhere.container.connections.connection_repository()
    for connection_id in ("ana-1", "gone"):
        elsewhere.run(connections.open(connection_id, "ana"))
    chat_id = elsewhere.hand_over("ana")
    elsewhere.run(connections.follow("ana-1", chat_id))
    turns.invoke({"greet": "ana-1"})
    turns.invoke(answer("ana-1", "Hello!"))
    turns.invoke(answer("ana-1", "Are you there?", chat_id=chat_id))
    turns.invoke(answer("ana-1", A_PERSON))
    turns.invoke(answer("gone", "Hello!"))


def test_the_role_allows_what_the_socket_function_calls_and_nothing_else(
    start_function: StartFunction,
    start_elsewhere: StartElsewhere,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # The first refusal is one too many.
    monkeypatch.setattr(socket_function, "_MAX_REFUSALS", 0)
    socket = start_function("socket")

    serve_a_client(socket, start_elsewhere().hand_over("ana"))

    found = socket.comparison()
    print(found.table)
    assert (found.missing, found.unused) == ([], [])


def test_the_role_allows_what_the_turn_function_calls_and_nothing_else(
    start_function: StartFunction, start_elsewhere: StartElsewhere, bedrock: BedrockFake
) -> None:
    turns = start_function("turns")

    run_turns(turns, start_elsewhere())
    turns.calls.record_model_calls(bedrock.requests)

    found = turns.comparison()
    print(found.table)
    assert (found.missing, found.unused) == ([], [])
