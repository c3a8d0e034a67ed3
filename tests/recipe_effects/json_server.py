"""Somebody else's system: answers each path with the JSON that a test gives it."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class JsonServer(ThreadingHTTPServer):
    """Serves on this machine alone; `paths` and `bodies` are what it was asked."""

    def __init__(self, answers: Mapping[str, Any]) -> None:
        super().__init__(("127.0.0.1", 0), _Request)
        self.answers = answers
        self.paths: list[str] = []
        self.bodies: list[Any] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


@contextmanager
def json_server(answers: Mapping[str, Any]) -> Iterator[JsonServer]:
    """Run the server; a path that has no answer is not found."""
    with JsonServer(answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


class _Request(BaseHTTPRequestHandler):
    server: JsonServer

    def do_GET(self) -> None:
        self.server.paths.append(self.path)
        found = self.path in self.server.answers
        content = json.dumps(self.server.answers.get(self.path, {})).encode()
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def do_POST(self) -> None:
        self.server.bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.do_GET()

    def log_message(self, format: str, *args: Any) -> None:
        return
