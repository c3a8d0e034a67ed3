"""The bot's page about OpenTelemetry, followed to the letter; a collector decodes what arrives."""

import json
import os
import re
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from rendering import render
from tools.cold_start import TABLE, free_port, table, turn, until_ok
from tools.pins import tool_groups
from variants import ROOT

PYTHON = Path(os.environ.get("OPENTELEMETRY_PYTHON", "missing: run nox -s bots"))
PAGE = "docs/opentelemetry.md"

SECONDS = 20
PACKAGES = [str(entry).partition("==")[0] for entry in tool_groups()["opentelemetry"]]
LANGFUSE = {"LANGFUSE_PUBLIC_KEY": "pk-lf-x", "LANGFUSE_SECRET_KEY": "sk-lf-x"}

Span = dict[str, Any]


@dataclass(slots=True)
class Collector:
    """A collector's address, and the spans that have arrived so far."""

    url: str
    spans: list[Span] = field(default_factory=list)

    def at(self, path: str) -> list[Span]:
        return [span for span in self.spans if span["path"] == path]


@contextmanager
def collector() -> Iterator[Collector]:
    command = [str(PYTHON), str(ROOT / "tests" / "otlp_collector.py")]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None and process.stdout is not None
        collecting = Collector(process.stdout.readline().strip())
        lines = process.stdout
        reading = threading.Thread(
            target=lambda: collecting.spans.extend(map(json.loads, lines)), daemon=True
        )
        reading.start()
        try:
            yield collecting
        finally:
            process.stdin.close()
            process.wait(SECONDS)
            reading.join(SECONDS)


@contextmanager
def bot_as_on_its_page(bot: Path, page: str, **more: str) -> Iterator[tuple[int, Path]]:
    """Run the bot with the page's command and settings; gives its port and the file of its log."""
    (settings,) = re.findall(r"^```env\n(.*?)^```$", page, re.M | re.S)
    (command,) = re.findall(r"^uv run --env-file \.env (.+)$", page, re.M)
    port, log = free_port(), bot.parent / "bot.log"
    environment = {
        "PATH": f"{PYTHON.parent}{os.pathsep}{os.environ['PATH']}",
        "PORT": str(port),
        "LLM_PROVIDER": "offline",
        "DDB_TABLE": TABLE,
        **dict(line.split("=", 1) for line in settings.splitlines()),
        **more,
    }
    with log.open("wb") as stream:
        process = subprocess.Popen(command.split(), cwd=bot, env=environment, stderr=stream)
    try:
        until_ok(port, "/ready")
        yield port, log
    finally:
        process.terminate()
        try:
            process.wait(SECONDS)
        finally:
            process.kill()


@pytest.mark.parametrize(
    ("traced", "language"), [(False, "en"), (True, "pt-BR")], ids=["alone", "beside-langfuse"]
)
def test_a_turn_is_a_trace_of_its_request_and_the_calls_of_the_table(
    traced: bool, language: str, template: Path, tmp_path: Path
) -> None:
    answers = {"channels": ["rest"], "tracing": traced, "language": language}
    bot = render(template, tmp_path / "bot", answers)
    page = (bot / PAGE).read_text("utf-8")
    (packages,) = re.findall(r"^uv add --group owner (.+)$", page, re.M)
    assert sorted(packages.split()) == sorted(PACKAGES)
    (routes,) = re.findall(r"^```python\n(.*?)^```$", page, re.M | re.S)
    (bot / "interface" / "api" / "owner_routes.py").write_text(routes, "utf-8")
    with ExitStack() as running:
        collecting = running.enter_context(collector())
        endpoint = running.enter_context(table(PYTHON, bot, tmp_path / "aws"))
        keys = {**LANGFUSE, "LANGFUSE_HOST": f"{collecting.url}/langfuse"} if traced else {}
        more = {
            "AWS_ENDPOINT_URL_DYNAMODB": endpoint,
            "OTEL_EXPORTER_OTLP_ENDPOINT": collecting.url,
        }
        with bot_as_on_its_page(bot, page, **more, **keys) as (port, log):
            turn(port)
        lines = [json.loads(line) for line in log.read_text("utf-8").splitlines()]
        spans = arrived(collecting)

    request = next(span for span in spans if span["kind"] == "SERVER")
    assert request["name"] == "POST /api/chats/completions"
    assert request["service"] == "meu-chatbot"
    calls = {span["name"] for span in spans if span["parent_id"] == request["span_id"]}
    assert {"DynamoDB.BatchWriteItem", "DynamoDB.PutItem", "DynamoDB.UpdateItem"} <= calls
    ended = next(line for line in lines if line["event"] == "turn_ended")
    assert ended["otel_trace_id"] == request["trace_id"]
    header = request["attributes"]["http.response.header.x_request_id"]
    assert header == [ended["request_id"]]
    assert not [span for span in spans if "/health" in span["name"] or "/ready" in span["name"]]
    to_langfuse = collecting.at("/langfuse/api/public/otel/v1/traces")
    traces = {ended["trace_id"]} if traced else set()
    assert {span["trace_id"] for span in to_langfuse} == traces
    assert not traces & {span["trace_id"] for span in spans}
    assert "Hello!" not in json.dumps(spans)


def arrived(collecting: Collector) -> list[Span]:
    """Return the spans at the collector's own path, once that of the request is among them."""
    deadline = time.monotonic() + SECONDS
    while not any(span["kind"] == "SERVER" for span in collecting.spans):
        assert time.monotonic() < deadline, collecting.spans
        time.sleep(0.05)
    return collecting.at("/v1/traces")
