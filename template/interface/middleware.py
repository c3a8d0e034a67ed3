"""What happens around every HTTP request."""

import structlog
from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.errors import explained
from domain.ids import new_id, trace_id_of
from interface.api.problems import problem

logger = structlog.get_logger(__name__)

# Above everything that is legitimately sent, which is 3 MB at most.
MAX_BODY_BYTES = 4 * 1024 * 1024


# What an answer says unless it says otherwise: it is kept nowhere, shown in no frame, and as a
# document it may do nothing.
_HEADERS = {
    "Cache-Control": "no-store",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_NO_DOCUMENT = "default-src 'none'; frame-ancestors 'none'"
# RFC 6797; a browser that came by HTTPS once will not come without it for a year.
_HTTPS_ONLY = {"Strict-Transport-Security": "max-age=31536000"}


class RequestContext:
    """Gives each request an id, in its logs and in its answer, and the common security headers.

    With `https_only` browsers are told to come by HTTPS alone.
    """

    def __init__(self, app: ASGIApp, *, https_only: bool) -> None:
        self._app = app
        self._headers = {**_HEADERS, **(_HTTPS_ONLY if https_only else {})}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = new_id("req")

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["X-Request-Id"] = request_id
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
                # The pages have their own; the API's documentation loads what it shows.
                if not headers.get("Content-Type", "").startswith("text/html"):
                    headers.setdefault("Content-Security-Policy", _NO_DOCUMENT)
            await send(message)

        # A turn within the request has a trace of its own.
        with structlog.contextvars.bound_contextvars(
            request_id=request_id, trace_id=trace_id_of(request_id)
        ):
            await self._app(scope, receive, send_with_headers)


class Mistakes:
    """Answers what nobody expected with a problem that tells no internals, and logs it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_answered = False

        async def send_noticed(message: Message) -> None:
            nonlocal is_answered
            is_answered = True
            await send(message)

        try:
            await self._app(scope, receive, send_noticed)
        except Exception as error:
            logger.exception("request_failed")
            if not is_answered:
                told = explained(error)
                await problem(told.code, told.message)(scope, receive, send)


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
