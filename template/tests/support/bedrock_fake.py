"""Amazon Bedrock Runtime as a client sees it: ConverseStream in the binary event stream of AWS.

Sources: Amazon Bedrock API reference, ConverseStream; AWS SDK reference, "event stream encoding".
"""

import asyncio
import json
import struct
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any
from urllib.parse import unquote
from zlib import crc32

from tests.support.wire_server import Exchange, WireRequest, WireServer

_STREAM_HEADERS = (
    b"HTTP/1.1 200 OK\r\n"
    b"content-type: application/vnd.amazon.eventstream\r\n"
    b"transfer-encoding: chunked\r\n\r\n"
)


class Ending(Enum):
    """How a stream ends."""

    COMPLETE = auto()
    CUT = auto()
    """The connection is dropped."""
    NO_STOP = auto()
    """The response ends well, but the message does not: `messageStop` is missing."""
    SILENCE = auto()
    """Nothing more comes, and nothing ends."""
    GARBAGE = auto()
    """What comes is no event stream."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A streamed answer: text, or a tool call; `pause` seconds before each piece.

    With `exception`, a service exception of that name takes the place of the end.
    """

    text: Sequence[str] = ("An ", "answer.")
    pause: float = 0.0
    tool: str | None = None
    said_before_tool: str = ""
    arguments: Mapping[str, Any] = field(default_factory=dict)
    ending: Ending = Ending.COMPLETE
    exception: str | None = None
    input_tokens: int = 11
    output_tokens: int = 7
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Failure:
    """An error in place of an answer, named as Bedrock names it; "" for one of something between."""

    kind: str
    status: int


@dataclass(frozen=True, slots=True)
class Hangup:
    """The connection is dropped before any answer."""


@dataclass(frozen=True, slots=True)
class Silence:
    """Not even the head of an answer comes."""


Script = Reply | Failure | Hangup | Silence


class BedrockFake(WireServer):
    """Answers each request by the next script, and the rest by the usual one."""

    def __init__(self) -> None:
        self._may_answer = threading.Event()
        super().__init__()
        self.reset()

    def reset(self) -> None:
        """Forget the scripts and the requests."""
        self._scripts: deque[Script] = deque()
        self._usual: Script = Reply()
        self.requests.clear()
        self.release()

    def will(self, *scripts: Script) -> None:
        """Answer the next requests so, in this order."""
        self._scripts.extend(scripts)

    def always(self, script: Script) -> None:
        """Answer every request so that has no script of its own."""
        self._usual = script

    def hold(self) -> None:
        """Take requests and answer none, until `release`."""
        self._may_answer.clear()

    def release(self) -> None:
        """Answer again, what was held first."""
        self._may_answer.set()

    def bodies(self) -> list[dict[str, Any]]:
        """Return the requests' bodies, in the order of their arrival."""
        return [json.loads(request.body) for request in self.requests]

    def model_ids(self) -> list[str]:
        """Return the model that each request asked for."""
        return [unquote(request.path.split("/")[2]) for request in self.requests]

    async def answer(self, request: WireRequest, exchange: Exchange) -> None:
        assert request.method == "POST" and request.path.endswith("/converse-stream")
        script = self._scripts.popleft() if self._scripts else self._usual
        if not self._may_answer.is_set():
            # Whoever releases it does so in another thread.
            await asyncio.to_thread(self._may_answer.wait)
        await self.play(script, request, exchange)

    async def play(self, script: Script, request: WireRequest, exchange: Exchange) -> None:
        """Answer one request as the script says."""
        match script:
            case Failure(kind, status):
                await exchange.respond_json(
                    status,
                    {"message": f"{kind} of the fake: {request.body.decode()[-200:]}"},
                    # As botocore's own services do, with the namespace behind the name.
                    {"x-amzn-errortype": f"{kind}:http://internal.amazon.com/"} if kind else {},
                )
            case Hangup():
                exchange.cut()
            case Silence():
                await asyncio.Event().wait()
            case Reply() as reply:
                await _stream(reply, request, exchange)


async def _stream(reply: Reply, request: WireRequest, exchange: Exchange) -> None:
    await exchange.send(_STREAM_HEADERS)
    await exchange.send_chunk(encode_event("messageStart", {"role": "assistant"}))
    for event, payload in _content(reply):
        if event == "contentBlockDelta" and reply.pause:
            await asyncio.sleep(reply.pause)
        await exchange.send_chunk(encode_event(event, {"contentBlockIndex": 0, **payload}))
    if reply.exception is not None:
        await exchange.send_chunk(_exception(reply.exception, request))
        await exchange.send_chunk(b"")
        return
    match reply.ending:
        case Ending.CUT:
            exchange.cut()
        case Ending.SILENCE:
            await asyncio.Event().wait()
        case Ending.NO_STOP:
            await exchange.send_chunk(b"")
        case Ending.GARBAGE:
            await exchange.send_chunk(b"\x00\x00\x00\x20garbage that is no event stream")
            await exchange.send_chunk(b"")
        case Ending.COMPLETE:
            await exchange.send_chunk(_end(reply))
            await exchange.send_chunk(b"")


def _content(reply: Reply) -> list[tuple[str, dict[str, Any]]]:
    """Return the content's events; only a tool call has a start, as with Bedrock itself."""
    if reply.tool is None:
        deltas = [("contentBlockDelta", {"delta": {"text": piece}}) for piece in reply.text]
        # An answer that breaks off never gets to the end of its block.
        complete = reply.ending is Ending.COMPLETE and reply.exception is None
        return deltas + [("contentBlockStop", {})] * complete
    said = reply.said_before_tool
    before = [("contentBlockDelta", {"delta": {"text": said}}), ("contentBlockStop", {})]
    use = {"toolUseId": "tooluse_1", "name": reply.tool}
    place = {"contentBlockIndex": 1 if said else 0}
    return (before if said else []) + [
        ("contentBlockStart", {**place, "start": {"toolUse": use}}),
        (
            "contentBlockDelta",
            {**place, "delta": {"toolUse": {"input": json.dumps(reply.arguments)}}},
        ),
        ("contentBlockStop", place),
    ]


def _end(reply: Reply) -> bytes:
    usage = {
        "inputTokens": reply.input_tokens,
        "outputTokens": reply.output_tokens,
        "totalTokens": reply.input_tokens + reply.output_tokens,
        "cacheReadInputTokens": reply.cache_read_tokens,
        "cacheWriteInputTokens": reply.cache_write_tokens,
    }
    reason = "end_turn" if reply.tool is None else "tool_use"
    return encode_event("messageStop", {"stopReason": reason}) + encode_event(
        "metadata", {"usage": usage, "metrics": {"latencyMs": 1}}
    )


def encode_event(kind: str, payload: dict[str, Any]) -> bytes:
    return _message({":message-type": "event", ":event-type": kind}, payload)


def _exception(kind: str, request: WireRequest) -> bytes:
    headers = {":message-type": "exception", ":exception-type": kind}
    return _message(headers, {"message": f"{kind} of the fake: {request.body.decode()[-200:]}"})


def _message(headers: Mapping[str, str], payload: dict[str, Any]) -> bytes:
    """Encode one message: lengths, their checksum, headers, payload, checksum of it all."""
    body = json.dumps(payload).encode()
    block = b"".join(
        _header(name, value)
        for name, value in {**headers, ":content-type": "application/json"}.items()
    )
    lengths = struct.pack(">II", len(block) + len(body) + 16, len(block))
    message = lengths + struct.pack(">I", crc32(lengths)) + block + body
    return message + struct.pack(">I", crc32(message))


def _header(name: str, value: str) -> bytes:
    """Encode a header whose value is a string, which is type 7."""
    return (
        struct.pack(">B", len(name))
        + name.encode()
        + struct.pack(">BH", 7, len(value))
        + value.encode()
    )
