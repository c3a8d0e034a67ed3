"""The wire form of ConverseStream: a JSON request, binary event-stream frames as the answer.

Source: Amazon Bedrock API reference, ConverseStream; AWS SDKs, "Event stream encoding".
"""

import base64
import json
from collections.abc import Iterator, Mapping
from typing import Any

from botocore.eventstream import EventStreamBuffer, EventStreamMessage


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

    def feed(self, data: bytes) -> Iterator[dict[str, Any]]:
        """Yield the events that are complete with this data.

        Raises:
            StreamError: one of them is a failure.
        """
        self._buffer.add_data(data)
        for message in self._buffer:
            yield _event(message)


def encode_request(request: Mapping[str, Any]) -> bytes:
    """Return the body of a request; bytes, such as those of an image, become base64."""
    body = {name: value for name, value in request.items() if name != "modelId"}
    return json.dumps(body, default=_base64, ensure_ascii=False).encode()


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
