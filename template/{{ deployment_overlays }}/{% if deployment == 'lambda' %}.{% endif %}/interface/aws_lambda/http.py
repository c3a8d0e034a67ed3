"""The function behind the HTTP API: the bot's web application, event by event."""

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from mangum import Mangum
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.dependency_injection.function_container import FunctionContainer
from interface.application import create_application
from interface.aws_lambda.environment import Environment, start_parts

# It counts what one process saw of many; the stack's dashboard counts what the logs of all say.
_NOT_SERVED = "/metrics"


async def make_application(container: FunctionContainer) -> FastAPI:
    """Return the application, and open what it needs."""
    await start_parts(container.turn_parts())
    application = create_application(container)
    application.router.routes.insert(0, Route(_NOT_SERVED, _not_found))
    return application


async def _not_found(_: Request) -> Response:
    raise HTTPException(HTTPStatus.NOT_FOUND)


_environment = Environment(make_application)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer an event of API Gateway's HTTP API, payload format 2.0."""
    response = answer(_environment.function(), event, context)
    _environment.finish()
    return response


def answer(application: FastAPI, event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Have the application answer an event, on the event loop of this thread."""
    return Mangum(application, lifespan="off")(event, context)
