"""Langfuse as its SDK sees it: an OTLP collector over HTTP, scores, and prompts.

Source: Langfuse documentation, "OpenTelemetry"; OTLP specification, "OTLP/HTTP".
"""

import asyncio
import base64
import gzip
import json
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue

from tests.support.wire_server import Exchange, WireRequest, WireServer

PATH = "/api/public/otel/v1/traces"
_SCORES_PATH = "/api/public/scores"
_PROMPTS_PATH = "/api/public/v2/prompts"
_OF_THE_TRACE = ("trace.", "user.", "session.", "environment", "release")
_PROJECTS_PATH = "/api/public/projects"
_PROJECTS = {
    "data": [
        {
            "id": "project_1",
            "name": "Bot",
            "organization": {"id": "org_1", "name": "Shop"},
            "metadata": {},
        }
    ]
}


class Mood(Enum):
    """What becomes of the requests."""

    SERVING = auto()
    FAILING = auto()
    SILENT = auto()


@dataclass(frozen=True, slots=True)
class Span:
    """One observation of a trace; the times are seconds since the epoch."""

    name: str
    trace_id: bytes
    span_id: bytes
    parent_id: bytes
    started_at: float
    ended_at: float
    attributes: dict[str, Any]

    def json(self, name: str) -> Any:
        """Return an attribute that is JSON in a string."""
        return json.loads(self.attributes[name])


class LangfuseFake(WireServer):
    """Keeps what it is sent."""

    def __init__(self) -> None:
        self.mood = Mood.SERVING
        # The versions of each prompt, the oldest first.
        self.prompts: dict[str, list[dict[str, Any]]] = {}
        super().__init__()

    async def answer(self, request: WireRequest, exchange: Exchange) -> None:
        match self.mood:
            case Mood.SERVING if request.path == _PROJECTS_PATH:
                await exchange.respond_json(200, _PROJECTS)
            case Mood.SERVING if request.path.startswith(_PROMPTS_PATH):
                await self._answer_prompt(request, exchange)
            case Mood.SERVING:
                await exchange.respond(200)
            case Mood.FAILING:
                await exchange.respond(503)
            case Mood.SILENT:
                await asyncio.Event().wait()

    def publish(self, name: str, text: str, *labels: str) -> None:
        """Add a version to a prompt; the labels leave the versions before."""
        self._add({"name": name, "prompt": text, "labels": list(labels)})

    async def _answer_prompt(self, request: WireRequest, exchange: Exchange) -> None:
        if request.method == "POST":
            await exchange.respond_json(201, self._add(json.loads(request.body)))
            return
        url = urlsplit(request.path)
        name = unquote(url.path.removeprefix(f"{_PROMPTS_PATH}/"))
        label = parse_qs(url.query)["label"][0]
        found = [v for v in self.prompts.get(name, ()) if label in v["labels"]]
        if found:
            await exchange.respond_json(200, found[-1])
        else:
            await exchange.respond_json(404, {"message": "Prompt not found"})

    def _add(self, asked: dict[str, Any]) -> dict[str, Any]:
        versions = self.prompts.setdefault(asked["name"], [])
        labels = set(asked["labels"]) | {"latest"}
        for other in versions:
            other["labels"] = [label for label in other["labels"] if label not in labels]
        versions.append(
            {
                "type": "text",
                "config": {},
                "tags": [],
                **asked,
                "version": len(versions) + 1,
                "labels": sorted(labels),
            }
        )
        return versions[-1]

    def scores(self) -> list[dict[str, Any]]:
        """Return every score that was sent, in order."""
        batches = [json.loads(r.body) for r in self.requests if r.path == _SCORES_PATH]
        return [score for batch in batches for score in batch]

    def spans(self) -> list[Span]:
        """Return every observation, by its start."""
        batches = [_decode(request) for request in self.requests if request.path == PATH]
        spans = [
            Span(
                name=span.name,
                trace_id=span.trace_id,
                span_id=span.span_id,
                parent_id=span.parent_span_id,
                started_at=span.start_time_unix_nano / 1e9,
                ended_at=span.end_time_unix_nano / 1e9,
                attributes={item.key: _value(item.value) for item in span.attributes},
            )
            for batch in batches
            for resource in batch.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]
        return sorted(spans, key=lambda span: span.started_at)

    def told(self) -> str:
        """Return the traces as a person reads them: each observation below the one it is part of."""
        lines: list[str] = []
        for root in (span for span in self.spans() if not self._parent_of(span)):
            lines += [f"trace {root.trace_id.hex()}", *self._lines(root, "  ")]
            lines += [
                f"  score {score['name']} = {score['value']} ({score['dataType']})"
                for score in self.scores()
                if score["traceId"] == root.trace_id.hex()
            ]
        return "\n".join(lines)

    def _parent_of(self, span: Span) -> Span | None:
        return next((other for other in self.spans() if other.span_id == span.parent_id), None)

    def _lines(self, span: Span, indent: str) -> list[str]:
        kind = span.attributes["langfuse.observation.type"]
        lines = [f"{indent}{kind} {span.name}, {(span.ended_at - span.started_at) * 1000:.0f} ms"]
        told = {
            name.removeprefix("langfuse.").removeprefix("observation."): value
            for name, value in sorted(span.attributes.items())
            if not name.startswith("langfuse.internal.") and name != "langfuse.observation.type"
        }
        if span.parent_id and self._parent_of(span):
            # These are the same for all observations of a trace.
            told = {n: v for n, v in told.items() if not n.startswith(_OF_THE_TRACE)}
        lines += [f"{indent}    {name}: {value}" for name, value in told.items()]
        for child in self.spans():
            if child.parent_id == span.span_id:
                lines += self._lines(child, f"{indent}  ")
        return lines

    def everything(self) -> str:
        """Return all that was sent, as text to search in."""
        return "\n".join(
            str(_decode(request)) if request.path == PATH else request.body.decode()
            for request in self.requests
        )

    def credentials(self) -> set[str]:
        """Return the user and password of the requests."""
        headers = [request.headers["authorization"] for request in self.requests]
        return {base64.b64decode(value.removeprefix("Basic ")).decode() for value in headers}


def _decode(request: WireRequest) -> ExportTraceServiceRequest:
    body = request.body
    if request.headers.get("content-encoding") == "gzip":
        body = gzip.decompress(body)
    decoded = ExportTraceServiceRequest()
    decoded.ParseFromString(body)
    return decoded


def _value(value: AnyValue) -> Any:
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return [_value(item) for item in value.array_value.values]
    return None if kind is None else getattr(value, kind)
