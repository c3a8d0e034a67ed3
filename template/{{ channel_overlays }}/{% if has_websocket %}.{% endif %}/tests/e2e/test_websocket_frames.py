"""What RFC 6455 says about frames, and bounds for those who keep to it and still send too much."""

import asyncio
import json
from itertools import pairwise

import pytest
from websockets.frames import Opcode

from tests.support.bedrock_fake import BedrockFake, Reply
from tests.support.bots import BotInside, BotsInside
from tests.support.chat_socket import chat_socket
from tests.support.logs import LogLines
from tests.support.raw_socket import (
    RawSocket,
    frame,
    handshake,
    head,
    raw_connection,
    raw_socket,
)
from tests.support.waiting import eventually

CONT, TEXT, BINARY, CLOSE, PING, PONG = (
    Opcode.CONT,
    Opcode.TEXT,
    Opcode.BINARY,
    Opcode.CLOSE,
    Opcode.PING,
    Opcode.PONG,
)
QUESTION = json.dumps({"user_id": "zoé", "question": "é?"}, ensure_ascii=False).encode()
MASK = b"\0\0\0\0"
GOODBYE = frame(CLOSE, b"\x03\xe8")


def cut(data: bytes, *places: int) -> bytes:
    """Return one message as fragments that end at these places."""
    ends = [0, *places, len(data)]
    parts = [data[begin:end] for begin, end in pairwise(ends)]
    last = len(parts) - 1
    return b"".join(
        frame(CONT if number else TEXT, part, fin=number == last)
        for number, part in enumerate(parts)
    )


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        pytest.param(frame(TEXT, b"\xff\xfe"), 1007, id="text-not-utf-8"),
        pytest.param(frame(TEXT, b"\xed\xa0\x80"), 1007, id="text-surrogate"),
        pytest.param(frame(TEXT, b"\xff") + GOODBYE, 1007, id="text-not-utf-8-and-close"),
        pytest.param(cut(b"a\xc3", 1), 1007, id="half-a-character"),
        pytest.param(head(0xC1, 0) + MASK, 1002, id="reserved-bit-1"),
        pytest.param(head(0xA1, 0) + MASK, 1002, id="reserved-bit-2"),
        pytest.param(head(0x91, 0) + MASK, 1002, id="reserved-bit-3"),
        *(
            pytest.param(head(0x80 | opcode, 0) + MASK, 1002, id=f"opcode-{opcode}")
            for opcode in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15)
        ),
        pytest.param(head(0x81, 2, masked=False) + b"{}", 1002, id="not-masked"),
        pytest.param(frame(CONT, b"x"), 1002, id="continues-nothing"),
        pytest.param(frame(TEXT, b"{", fin=False) + frame(TEXT, b"}"), 1002, id="text-in-text"),
        pytest.param(frame(TEXT, b"{", fin=False) + GOODBYE, 1002, id="close-in-text"),
        pytest.param(head(0x89, 126) + MASK + bytes(126), 1002, id="ping-of-126"),
        pytest.param(head(0x09, 0) + MASK, 1002, id="ping-in-fragments"),
        pytest.param(frame(CLOSE, b"\x03"), 1002, id="close-of-1-byte"),
        pytest.param(frame(CLOSE, b"\x03\xed"), 1002, id="close-1005"),
        pytest.param(frame(CLOSE, b"\x03\xee"), 1002, id="close-1006"),
        pytest.param(frame(CLOSE, b"\x03\xe7"), 1002, id="close-999"),
        pytest.param(frame(CLOSE, b"\x03\xe8\xff"), 1007, id="reason-not-utf-8"),
        pytest.param(GOODBYE + frame(TEXT, QUESTION), 1000, id="text-after-close"),
        pytest.param(head(0x81, 2**62) + MASK, 1009, id="length-of-2-to-62"),
        pytest.param(frame(TEXT, b"x" * 600_000), 1009, id="600-kb"),
        pytest.param(head(0x81, 8_000_000) + MASK + bytes(8_000_000), 1009, id="8-mb"),
        pytest.param(
            frame(TEXT, b"x", fin=False) + 11 * frame(CONT, b"x" * 60_000, fin=False),
            1009,
            id="fragments-of-660-kb",
        ),
        pytest.param(
            frame(TEXT, fin=False) + 5_000 * frame(CONT, fin=False), 1008, id="fragments-of-nothing"
        ),
        pytest.param(1_000 * frame(PING, b"x" * 125), 1008, id="pings"),
        pytest.param(1_000 * frame(PONG), 1008, id="pongs"),
    ],
)
async def test_a_bad_frame_closes_its_connection_with_its_code_and_is_no_error_of_the_bot(
    sent: bytes, code: int, bot: BotInside, user_id: str, logs: LogLines
) -> None:
    async with chat_socket(bot) as neighbour, raw_socket(bot) as socket:
        # Those that the bot stops reading are sent to the end all the same.
        sending = asyncio.create_task(socket.send(sent))
        assert await socket.close_code() == code
        await asyncio.wait({sending}, timeout=5)
        assert (await neighbour.ask(user_id, "Hello!"))[-1]["type"] == "end"
    assert '"level": "error"' not in logs.text()


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(cut(QUESTION, QUESTION.index("é".encode()) + 1), id="character-in-two"),
        pytest.param(cut(QUESTION, *range(1, len(QUESTION))), id="byte-by-byte"),
        pytest.param(cut(QUESTION, 0, 0, 3, 3, len(QUESTION)), id="empty-fragments"),
    ],
)
async def test_fragments_make_one_message(sent: bytes, bot: BotInside) -> None:
    async with raw_socket(bot) as socket:
        await socket.send(sent)
        assert b'"start"' in (await socket.frame())[1]


async def test_a_ping_is_answered_between_the_fragments_of_a_message(bot: BotInside) -> None:
    async with raw_socket(bot) as socket:
        await socket.send(frame(TEXT, QUESTION[:5], fin=False) + frame(PING, b"now"))
        assert await socket.frame() == (PONG, b"now")
        await socket.send(frame(CONT, QUESTION[5:]))
        assert b'"start"' in (await socket.frame())[1]


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        pytest.param(handshake(Authorization="Bearer " + "x" * 9_000), "431", id="large-header"),
        pytest.param(handshake(**{f"X-{i}": "x" for i in range(150)}), "431", id="150-headers"),
        pytest.param(handshake().replace(b"ions", b"ions?" + b"x" * 9_000), "414", id="large-path"),
        pytest.param(handshake().replace(b"n: 13", b"n: 8"), "400", id="version-8"),
        pytest.param(handshake().replace(b"dGhl", b""), "400", id="no-key"),
        pytest.param(handshake(Origin="http://["), "403", id="origin-no-address"),
        pytest.param(handshake(Origin="https://a]"), "403", id="origin-half-an-address"),
        pytest.param(handshake(Origin="http://[foo]"), "403", id="origin-bad-address"),
    ],
)
async def test_a_bad_handshake_is_answered_and_no_error_of_the_bot(
    request_bytes: bytes, status: str, bot: BotInside, logs: LogLines
) -> None:
    async with raw_connection(bot) as socket:
        await socket.send(request_bytes)
        assert status in (await socket.answer())[0]
        await asyncio.wait_for(socket.reader.read(), 5)
    assert '"level": "error"' not in logs.text()


async def test_compression_is_not_agreed_on(bot: BotInside) -> None:
    async with raw_connection(bot) as socket:
        offer = "permessage-deflate; client_max_window_bits"
        await socket.send(handshake(Sec_WebSocket_Extensions=offer))
        status, headers = await socket.answer()
    assert "101" in status
    assert "sec-websocket-extensions" not in headers


async def test_a_client_that_does_not_read_is_dropped_and_its_model_call_ends(
    bedrock_bot: BotInside,
    bedrock: BedrockFake,
    logs: LogLines,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("interface.slow_reader.SLOW_READER_SECONDS", 0.1)
    bedrock.will(Reply(text=["x" * 60_000] * 2_000, pause=0.005))
    async with raw_socket(bedrock_bot) as socket:
        reading = socket.writer.transport
        assert isinstance(reading, asyncio.Transport)
        reading.pause_reading()
        question = {"user_id": "zoé", "question": "Hello!", "stream": True}
        await socket.send(frame(TEXT, json.dumps(question).encode()))
        await eventually(lambda: len(bedrock.requests) == 1)
        await eventually(lambda: bedrock.requests[0].aborted, within=10)
    async with chat_socket(bedrock_bot) as neighbour:
        assert (await neighbour.ask("eva", "Hello!"))[-1]["type"] == "end"
    assert '"level": "error"' not in logs.text()
    assert "never retrieved" not in logs.text()


async def test_a_bad_frame_during_a_turn_ends_the_model_call_and_is_no_error_of_the_bot(
    bedrock_bot: BotInside, bedrock: BedrockFake, logs: LogLines
) -> None:
    bedrock.will(Reply(text=["piece "] * 2_000, pause=0.001))
    async with raw_socket(bedrock_bot) as socket:
        await ask_for_pieces(socket)
        await socket.send(frame(TEXT, b"\xff"))
        assert await socket.close_code() == 1007
        await eventually(lambda: bedrock.requests[0].aborted, within=1)
    assert '"level": "error"' not in logs.text()
    assert "never retrieved" not in logs.text()


async def test_a_bot_that_stops_does_not_wait_for_clients_that_do_not_close(
    bots: BotsInside, logs: LogLines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("interface.websocket.socket_protocol.LAST_SECONDS", 0.1)
    with bots.of_its_own(LLM_PROVIDER="offline") as bot:
        async with raw_socket(bot) as socket:
            bot.ask_to_stop()
            assert await socket.close_code() == 1012
    assert '"level": "error"' not in logs.text()


async def ask_for_pieces(socket: RawSocket) -> None:
    """Ask, and return once a piece of the answer has come."""
    question = {"user_id": "zoé", "question": "Hello!", "stream": True}
    await socket.send(frame(TEXT, json.dumps(question).encode()))
    while b'"token"' not in (await socket.frame())[1]:
        continue
