"""Errors as OpenAI's clients read them.

https://platform.openai.com/docs/guides/error-codes
"""

import json
from http import HTTPStatus
from typing import Any

import structlog
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_PREFIX = "/v1/"
# OpenAI's own, which its clients obey: "true" or "false".
SHOULD_RETRY = "X-Should-Retry"

_TYPES = {
    HTTPStatus.UNAUTHORIZED: "authentication_error",
    HTTPStatus.FORBIDDEN: "permission_error",
    HTTPStatus.TOO_MANY_REQUESTS: "rate_limit_error",
}
_CODES_OF_A_QUOTA = ("user_budget_spent", "chat_budget_spent")


class ErrorDetails(BaseModel):
    """`code` is stable, as in the bot's other channels; `trace_id` is not OpenAI's."""

    message: str
    type: str
    param: str | None
    code: str
    trace_id: str | None


class ErrorBody(BaseModel):
    error: ErrorDetails


def error_responses(*statuses: int | str) -> dict[int | str, dict[str, Any]]:
    """Return what a router's documentation says of answers with these statuses."""
    return {status: {"model": ErrorBody} for status in statuses}


def error_body(
    code: str, message: str, status: int, *, param: str | None = None, trace_id: str | None = None
) -> dict[str, Any]:
    """Return the error as the whole body of an answer, or as the data of a stream's last event."""
    kind = "server_error" if status >= 500 else _TYPES.get(HTTPStatus(status))
    if code in _CODES_OF_A_QUOTA:
        kind = "insufficient_quota"
    details = ErrorDetails(
        message=message,
        type=kind or "invalid_request_error",
        param=param,
        code=code,
        trace_id=trace_id,
    )
    return ErrorBody(error=details).model_dump()


def error_response(
    code: str, message: str, status: int, *, param: str | None = None
) -> JSONResponse:
    """Return an error that stays the same however often the request is repeated."""
    trace_id = structlog.contextvars.get_contextvars().get("trace_id")
    body = error_body(code, message, status, param=param, trace_id=trace_id)
    return JSONResponse(body, status_code=status, headers={SHOULD_RETRY: "false"})


class OpenAIErrors:
    """Makes the problems that answer requests of OpenAI's clients into errors of OpenAI's form.

    Clients of OpenAI repeat many errors by themselves; they are told not to where nothing would
    have changed.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(_PREFIX):
            await self._app(scope, receive, send)
            return
        start: Message | None = None
        body = b""

        async def send_translated(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start" and _is_problem(message):
                start = message
            elif start is None:
                await send(message)
            else:
                body += message.get("body", b"")
                if not message.get("more_body", False):
                    await _translated(start, json.loads(body))(scope, receive, send)

        await self._app(scope, receive, send_translated)


def _is_problem(start: Message) -> bool:
    headers = MutableHeaders(scope=start)
    return headers.get("Content-Type", "").startswith("application/problem+json")


def _translated(start: Message, problem: dict[str, Any]) -> JSONResponse:
    status = start["status"]
    # OpenAI answers 400 where this bot tells more exactly what is wrong with a request.
    if status == HTTPStatus.UNPROCESSABLE_ENTITY:
        status = HTTPStatus.BAD_REQUEST
    body = error_body(problem["code"], problem["detail"], status, trace_id=problem.get("trace_id"))
    response = JSONResponse(body, status_code=status)
    headers = MutableHeaders(scope=start)
    for name, value in headers.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault(SHOULD_RETRY, "true" if "Retry-After" in headers else "false")
    return response
