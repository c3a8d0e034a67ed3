"""Errors as problem details (RFC 9457): a stable code, a sentence, never what was sent or internals."""

from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from app.core.errors import explained
from app.core.texts import ERROR_MESSAGES
from domain.exceptions.business_exception import BusinessException
from domain.exceptions.storage import StorageError

logger = structlog.get_logger(__name__)

_STATUS = {
    "unauthorized": HTTPStatus.UNAUTHORIZED,
    "forbidden": HTTPStatus.FORBIDDEN,
    "cross_site": HTTPStatus.FORBIDDEN,
    "chat_not_found": HTTPStatus.NOT_FOUND,
    "message_not_found": HTTPStatus.NOT_FOUND,
    "ticket_not_found": HTTPStatus.NOT_FOUND,
    "rate_limited": HTTPStatus.TOO_MANY_REQUESTS,
    "user_budget_spent": HTTPStatus.TOO_MANY_REQUESTS,
    "chat_budget_spent": HTTPStatus.CONFLICT,
    "turn_in_progress": HTTPStatus.CONFLICT,
    "answer_too_long": HTTPStatus.BAD_GATEWAY,
    "shutting_down": HTTPStatus.SERVICE_UNAVAILABLE,
    "storage_unavailable": HTTPStatus.SERVICE_UNAVAILABLE,
    "issuer_unavailable": HTTPStatus.SERVICE_UNAVAILABLE,
    "model_throttled": HTTPStatus.SERVICE_UNAVAILABLE,
    "model_unavailable": HTTPStatus.BAD_GATEWAY,
    "model_refused": HTTPStatus.BAD_GATEWAY,
    "model_interrupted": HTTPStatus.BAD_GATEWAY,
    "model_timeout": HTTPStatus.GATEWAY_TIMEOUT,
    "internal_error": HTTPStatus.INTERNAL_SERVER_ERROR,
}
_RETRY_AFTER_SECONDS = {
    "rate_limited": 60,
    "turn_in_progress": 5,
    "shutting_down": 5,
    "storage_unavailable": 5,
    "issuer_unavailable": 30,
    "model_throttled": 5,
}


class ProblemBody(BaseModel):
    """RFC 9457 problem details with a stable `code`."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "about:blank",
                    "title": "Too Many Requests",
                    "status": 429,
                    "code": "rate_limited",
                    "detail": ERROR_MESSAGES["rate_limited"],
                    "trace_id": "0af7651916cd43dd8448eb211c80319c",
                }
            ]
        }
    )

    type: str
    title: str
    status: int
    code: str
    detail: str
    trace_id: str | None = Field(None, description="What to look for in the logs and traces")


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return what a router's documentation says of answers with these statuses."""
    content: dict[str, Any] = {"application/problem+json": {}}
    return {status: {"model": ProblemBody, "content": content} for status in statuses}


def problem(
    code: str, detail: str, status: int | None = None, trace_id: str | None = None
) -> JSONResponse:
    """Return the problem with this code; without a status, the code's own or 422.

    `trace_id` is that of the turn that failed; without one it is the running request's.
    """
    status = status or _STATUS.get(code, HTTPStatus.UNPROCESSABLE_ENTITY)
    headers = {"Cache-Control": "no-store"}
    if code in _RETRY_AFTER_SECONDS:
        headers["Retry-After"] = str(_RETRY_AFTER_SECONDS[code])
    if status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": int(status),
        "code": code,
        "detail": detail,
    }
    trace_id = trace_id or structlog.contextvars.get_contextvars().get("trace_id")
    return JSONResponse(
        # Before a request has begun there is none.
        {**body, "trace_id": trace_id} if trace_id else body,
        status_code=status,
        headers=headers,
        media_type="application/problem+json",
    )


def add_problem_handlers(app: FastAPI) -> None:
    """Answer every error that is expected with a problem; the middleware answers the others."""
    app.add_exception_handler(BusinessException, _explained)
    app.add_exception_handler(StorageError, _explained)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)


async def _explained(request: Request, error: Exception) -> JSONResponse:
    told = explained(error)
    if isinstance(error, StorageError):
        logger.warning("request_failed", code=told.code, reason=str(error))
    return problem(told.code, told.message)


async def _invalid(request: Request, error: Exception) -> JSONResponse:
    # FastAPI's own answer repeats the input, and breaks on half a surrogate pair or NaN in it.
    assert isinstance(error, RequestValidationError)
    places = [
        ".".join(str(part) for part in e["loc"]) + f": {e['msg']}" for e in error.errors()[:5]
    ]
    is_json = any(e["type"] == "json_invalid" for e in error.errors())
    code, status = ("invalid_json", 400) if is_json else ("invalid_request", 422)
    return problem(code, "; ".join(places).encode("utf-8", "replace").decode(), status)


async def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    phrase = HTTPStatus(error.status_code).phrase
    response = problem(phrase.lower().replace(" ", "_"), phrase, error.status_code)
    response.headers.update(error.headers or {})
    return response
