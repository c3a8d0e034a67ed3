"""Lambda's part in the tests: each invocation of a function runs in an environment of its own.

As in Lambda an environment serves one event after the other, and its event loop stands still in
between. They run in the tests' process, so that a test can look at what they log and call.
"""

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from structlog.contextvars import clear_contextvars

from app.dependency_injection.function_container import FunctionContainer

Event = dict[str, Any]
Handle = Callable[[Event], Coroutine[Any, Any, Any] | dict[str, Any]]
# Makes what handles the events of one environment, on the container that it is given.
MakeHandle = Callable[[FunctionContainer], Awaitable[Handle]]


class ExecutionEnvironment:
    """One container and one event loop."""

    def __init__(self, container: FunctionContainer, make_handle: MakeHandle) -> None:
        self._loop = asyncio.new_event_loop()
        self._container = container
        self._handle = self._loop.run_until_complete(_awaited(make_handle(container)))

    def invoke(self, event: Event) -> Any:
        """Handle the event, in whatever thread this is called."""
        asyncio.set_event_loop(self._loop)
        clear_contextvars()
        result = self._handle(event)
        return self._loop.run_until_complete(result) if asyncio.iscoroutine(result) else result

    def close(self) -> None:
        """Let go of what is open."""
        self._loop.run_until_complete(self._container.gateways.bedrock_client().stop())
        self._loop.run_until_complete(self._container.gateways.aws_connection().stop())
        self._loop.close()


async def _awaited(making: Awaitable[Handle]) -> Handle:
    return await making


class BotEnvironments:
    """What runs the functions of one bot, and grows with the events that come at a time."""

    def __init__(
        self, functions: dict[str, MakeHandle], make_container: Callable[[], FunctionContainer]
    ) -> None:
        self._functions = functions
        self._make_container = make_container
        self._free: dict[str, list[ExecutionEnvironment]] = {name: [] for name in functions}

    def invoke(self, name: str, event: Event) -> Any:
        """Run the function in a free environment, or a new one."""
        free = self._free[name]
        try:
            environment = free.pop()
        except IndexError:
            environment = ExecutionEnvironment(self._make_container(), self._functions[name])
        try:
            return environment.invoke(event)
        finally:
            free.append(environment)

    def close(self) -> None:
        """Close what is free; what is at work ends with the tests' process."""
        with ThreadPoolExecutor(max_workers=1) as thread:
            for free in self._free.values():
                while free:
                    # In a thread of its own: a test's own loop may be running in this one.
                    thread.submit(free.pop().close).result()


class FunctionHost:
    """Runs the functions of one bot after the other; Lambda's stand-ins reach it over HTTP."""

    def __init__(self, functions: dict[str, MakeHandle]) -> None:
        self._functions = functions
        self._environments: BotEnvironments | None = None
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_of(self))
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def open(self, make_container: Callable[[], FunctionContainer]) -> None:
        """Serve from now on, with containers made by this."""
        self._environments = BotEnvironments(self._functions, make_container)

    def invoke(self, name: str, event: Event) -> Any:
        """Run the function; events that come while there is no bot, such as goodbyes, do nothing."""
        environments = self._environments
        return None if environments is None else environments.invoke(name, event)

    def clear(self) -> None:
        """Close the bot's environments."""
        environments, self._environments = self._environments, None
        if environments is not None:
            environments.close()

    def close(self) -> None:
        """Stop serving, and close the environments."""
        self._server.shutdown()
        self._server.server_close()
        self.clear()


def _handler_of(host: FunctionHost) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            event = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            answer = json.dumps(host.invoke(self.path.strip("/"), event)).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing: the functions log for themselves."""

    return Handler
