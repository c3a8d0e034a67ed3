"""What happens around every HTTP request."""

import structlog
from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.errors import explained
from domain.ids import new_id
from interface.api.problems import problem

logger = structlog.get_logger(__name__)

# Above everything that is legitimately sent, which is 3 MB at most.
MAX_BODY_BYTES = 4 * 1024 * 1024


class RequestContext:
    """Gives each request an id, in its logs and in its answer, and the common security headers."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = new_id("req")
        is_answered = False

        async def send_with_headers(message: Message) -> None:
            nonlocal is_answered
            if message["type"] == "http.response.start":
                is_answered = True
                headers = MutableHeaders(scope=message)
                headers["X-Request-Id"] = request_id
                headers.setdefault("X-Content-Type-Options", "nosniff")
                headers.setdefault("Referrer-Policy", "no-referrer")
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._app(scope, receive, send_with_headers)
            except Exception as error:
                logger.exception("request_failed")
                if not is_answered:
                    told = explained(error)
                    await problem(told.code, told.message)(scope, receive, send_with_headers)


class BodyLimit:
    """Refuses a request body over the limit, announced or not."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = dict(scope["headers"]).get(b"content-length", b"0")
        if announced.isdigit() and int(announced) > MAX_BODY_BYTES:
            await _too_large()(scope, receive, send)
            return
        read = 0

        async def receive_within_limit() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > MAX_BODY_BYTES:
                # What follows is never read: the application sees a client that went away.
                return {"type": "http.disconnect"}
            return message

        async def send_unless_too_large(message: Message) -> None:
            if read <= MAX_BODY_BYTES:
                await send(message)

        try:
            await self._app(scope, receive_within_limit, send_unless_too_large)
        except ClientDisconnect:
            if read <= MAX_BODY_BYTES:
                raise
        if read > MAX_BODY_BYTES:
            await _too_large()(scope, receive, send)


def _too_large() -> ASGIApp:
    return problem("content_too_large", f"The limit is {MAX_BODY_BYTES} bytes.", 413)
