"""The wire form of ConverseStream: a JSON request, binary event-stream frames as the answer.

Source: Amazon Bedrock API reference, ConverseStream; AWS SDKs, "Event stream encoding".
"""

import base64
import json
from collections.abc import Iterator, Mapping
from typing import Any

from botocore.eventstream import EventStreamBuffer, EventStreamMessage

from domain.text import well_formed


class StreamError(Exception):
    """Bedrock reported a failure inside the stream; `code` is its name."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code)
        self.code = code
        self.message = message


class EventDecoder:
    """Turns the bytes of an answer into its events."""

    def __init__(self) -> None:
        self._buffer = EventStreamBuffer()
        self._joiner = _PairJoiner()

    def feed(self, data: bytes) -> Iterator[dict[str, Any]]:
        """Yield the events that are complete with this data.

        Raises:
            StreamError: one of them is a failure.
        """
        self._buffer.add_data(data)
        for message in self._buffer:
            event = _event(message)
            # Nearly every piece is plain text, which needs no look.
            if b"\\u" in message.payload or self._joiner.holds:
                yield from self._joiner.join(event)
            else:
                yield event


class _PairJoiner:
    """Joins a surrogate pair that the model's server cut in two over pieces of text.

    Half a pair is no character: no socket, no store and no later request could carry it.
    """

    def __init__(self) -> None:
        self._half = ""
        self._block = 0

    @property
    def holds(self) -> bool:
        """Whether half a pair waits for the next piece."""
        return bool(self._half)

    def join(self, event: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """Yield the event with whole characters, after what was left over of the one before."""
        piece = event.get("contentBlockDelta", {})
        delta = piece.get("delta", {})
        text = delta.get("text")
        block = piece.get("contentBlockIndex", 0)
        if self._half and (text is None or block != self._block):
            alone = {"text": well_formed(self._half)}
            yield {"contentBlockDelta": {"contentBlockIndex": self._block, "delta": alone}}
            self._half = ""
        if text is not None:
            self._block = block
            text = self._half + text
            self._half = text[-1:] if "\ud800" <= text[-1:] <= "\udbff" else ""
            delta["text"] = well_formed(text[:-1] if self._half else text)
        for fields, name in ((delta.get("toolUse", {}), "input"), (_thoughts(delta), "text")):
            if name in fields:
                fields[name] = well_formed(fields[name])
        yield event


def _thoughts(delta: dict[str, Any]) -> dict[str, Any]:
    thoughts: dict[str, Any] = delta.get("reasoningContent", {})
    return thoughts


def encode_request(request: Mapping[str, Any]) -> bytes:
    """Return the body of a request.

    Bytes, such as those of an image, become base64; half a surrogate pair, a question mark.
    """
    body = {name: value for name, value in request.items() if name != "modelId"}
    return json.dumps(body, default=_base64, ensure_ascii=False).encode("utf-8", "replace")


def _event(message: EventStreamMessage) -> dict[str, Any]:
    headers = message.headers
    payload = json.loads(message.payload or b"{}")
    if headers[":message-type"] == "event":
        return {headers[":event-type"]: _with_bytes(payload)}
    code = headers.get(":exception-type") or headers.get(":error-code") or "unknown"
    raise StreamError(code, str(payload.get("message") or headers.get(":error-message", "")))


def _with_bytes(payload: dict[str, Any]) -> dict[str, Any]:
    """Decode the one member of an event that is binary: thoughts the provider has encrypted."""
    reasoning = payload.get("delta", {}).get("reasoningContent", {})
    if "redactedContent" in reasoning:
        reasoning["redactedContent"] = base64.b64decode(reasoning["redactedContent"])
    return payload


def _base64(value: object) -> str:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    raise TypeError(f"{type(value).__name__} cannot be sent to Bedrock")
