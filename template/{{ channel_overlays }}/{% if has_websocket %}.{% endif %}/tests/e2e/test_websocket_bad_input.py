"""What a client may send that is no question: each is one error, and the connection goes on."""

import json

import pytest
from websockets.exceptions import ConnectionClosed

from tests.support.bots import BotInside, BotsInside
from tests.support.chat_socket import chat_socket
from tests.support.logs import LogLines

SOUND = {"user_id": "ana", "question": "Hello!"}
KIB = 1024


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("", "invalid_json"),
        ("hello", "invalid_json"),
        ('{"user_id": "ana"', "invalid_json"),
        ('{"question": "\\ud83d", "user_id": "ana"}', "invalid_json"),
        ('{"question": NaN, "user_id": "ana"}', "invalid_json"),
        ('{"question": Infinity}', "invalid_json"),
        ("[" * 100_000, "invalid_json"),
        ('{"a":' * 10_000, "invalid_json"),
        ('{"question": ' + "9" * 5_000 + "}", "invalid_json"),
        ("[]", "invalid_request"),
        ("null", "invalid_request"),
        ('"question"', "invalid_request"),
        ("42", "invalid_request"),
        ({}, "invalid_request"),
        ({"user_id": "ana"}, "invalid_request"),
        ({**SOUND, "question": None}, "invalid_request"),
        ({**SOUND, "question": 42}, "invalid_request"),
        ({**SOUND, "question": ["Hello!"]}, "invalid_request"),
        ({**SOUND, "user_id": 42}, "invalid_request"),
        ({**SOUND, "user_id": {"$ne": None}}, "invalid_request"),
        ({**SOUND, "chat_id": False}, "invalid_request"),
        ({**SOUND, "session_id": []}, "invalid_request"),
        ({**SOUND, "stream": "true"}, "invalid_request"),
        ({**SOUND, "stream": 1}, "invalid_request"),
        ({"question": "Hello!"}, "user_id_required"),
        ({**SOUND, "type": "question"}, "unknown_type"),
        ({**SOUND, "type": 42}, "unknown_type"),
        ({"type": "start"}, "unknown_type"),
        (b"\x00\x01\x02", "binary_not_supported"),
        (json.dumps(SOUND).encode(), "binary_not_supported"),
        ({**SOUND, "question": "x" * 300 * KIB}, "message_too_large"),
        ("x" * 300 * KIB, "message_too_large"),
        ({**SOUND, "question": ""}, "question_empty"),
        ({**SOUND, "question": " \n\t "}, "question_empty"),
        ({**SOUND, "question": "x" * 100_000}, "question_too_long"),
        ({**SOUND, "user_id": ""}, "invalid_id"),
        ({**SOUND, "user_id": "x" * 201}, "invalid_id"),
        ({**SOUND, "chat_id": "line\nbreak"}, "invalid_id"),
        ({**SOUND, "session_id": "\x00"}, "invalid_id"),
        ({**SOUND, "chat_id": "chat_of_nobody"}, "chat_not_found"),
    ],
    ids=lambda value: str(value)[:30] if not isinstance(value, bytes) else "bytes",
)
async def test_bad_input_is_one_error_and_the_connection_stays_good(
    message: object, code: str, bot: BotInside, logs: LogLines
) -> None:
    async with chat_socket(bot) as socket:
        await socket.send(message)
        error = await socket.receive()
        assert (error["type"], error["code"]) == ("error", code)
        assert error["message"].endswith(".")
        assert len(json.dumps(error)) < 500
        events = await socket.ask("ana", "Hello!")
    assert [event["type"] for event in events] == ["start", "agent_response", "end"]
    assert '"level": "error"' not in logs.text()


async def test_fields_that_nobody_knows_are_ignored(bot: BotInside) -> None:
    async with chat_socket(bot) as socket:
        events = await socket.ask("ana", "Hello!", role="admin", message_id="msg_mine")
    assert events[-1]["type"] == "end"
    assert events[0]["message_id"] != "msg_mine"


async def test_a_message_in_fragments_is_one_message(bot: BotInside) -> None:
    text = json.dumps(SOUND)
    async with chat_socket(bot) as socket:
        await socket.connection.send(text[i : i + 7] for i in range(0, len(text), 7))
        assert (await socket.receive_until("end", "error"))[-1]["type"] == "end"


async def test_a_frame_that_no_client_needs_closes_the_connection(bot: BotInside) -> None:
    async with chat_socket(bot) as socket:
        with pytest.raises(ConnectionClosed) as closed:
            await socket.send("x" * 3 * KIB * KIB)
            await socket.receive()
    assert closed.value.rcvd is not None and closed.value.rcvd.code == 1009


@pytest.mark.parametrize(
    "message",
    [
        "not json",
        {**SOUND, "question": ""},
        {**SOUND, "chat_id": "chat_of_nobody"},
        {"type": "follow", "user_id": "ana", "chat_id": "chat_of_nobody"},
    ],
    ids=["no-json", "no-question", "no-chat", "no-chat-to-follow"],
)
async def test_a_client_in_a_loop_of_bad_messages_is_cut_off(
    message: object, bots: BotsInside
) -> None:
    bot = bots(LLM_PROVIDER="offline", RATE_LIMIT_PER_MINUTE="0")
    async with chat_socket(bot) as socket:
        with pytest.raises(ConnectionClosed) as closed:
            for _ in range(300):
                await socket.send(message)
                await socket.receive()
    assert closed.value.rcvd is not None and closed.value.rcvd.code == 1008
