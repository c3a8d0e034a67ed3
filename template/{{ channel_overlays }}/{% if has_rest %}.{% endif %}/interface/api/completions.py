"""A turn over HTTP: its events as server-sent events, or gathered into one answer."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing

from fastapi import Request, Response
from fastapi.responses import JSONResponse, StreamingResponse

from domain.dto.events import ChatEvent, EndEvent, ErrorEvent
from interface.api.problems import problem

CHANNEL = "rest"
# A proxy that buffers would hold the pieces back until the answer is whole.
STREAM_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
_CLIENT_CLOSED_REQUEST = 499


async def stream_of(events: AsyncGenerator[ChatEvent, None]) -> Response:
    """Return the events as a stream; a question refused before its turn is a plain problem."""
    first = await anext(events)
    if isinstance(first, ErrorEvent):
        await events.aclose()
        return problem_of(first)
    return StreamingResponse(
        _lines(first, events), media_type="text/event-stream", headers=STREAM_HEADERS
    )


async def answer_of(events: AsyncGenerator[ChatEvent, None], request: Request) -> Response:
    """Return the whole answer, or the problem; a client that leaves cancels the turn."""
    told = await events_of(events, request)
    return _response(told[-1]) if told else left()


async def events_of(
    events: AsyncGenerator[ChatEvent, None], request: Request
) -> tuple[ChatEvent, ...]:
    """Return the events of the whole turn; none if the client left, which cancels it."""
    turn = asyncio.create_task(_all(events))
    departure = asyncio.create_task(_until_disconnected(request))
    try:
        await asyncio.wait({turn, departure}, return_when=asyncio.FIRST_COMPLETED)
        return turn.result() if turn.done() else ()
    finally:
        for task in (turn, departure):
            task.cancel()
        await asyncio.wait({turn, departure})


def left() -> Response:
    """Return what answers a client that no longer listens."""
    return Response(status_code=_CLIENT_CLOSED_REQUEST)


def problem_of(error: ErrorEvent) -> JSONResponse:
    """Return the failure of a turn as a problem."""
    return problem(error.code, error.message, trace_id=error.trace_id)


async def _all(events: AsyncGenerator[ChatEvent, None]) -> tuple[ChatEvent, ...]:
    async with aclosing(events):
        return tuple([event async for event in events])


def _response(last: ChatEvent) -> Response:
    if isinstance(last, ErrorEvent):
        return problem_of(last)
    assert isinstance(last, EndEvent)
    return JSONResponse({key: value for key, value in last.payload().items() if key != "type"})


async def _until_disconnected(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        continue


async def _lines(
    first: ChatEvent, events: AsyncGenerator[ChatEvent, None]
) -> AsyncGenerator[str, None]:
    async with aclosing(events):
        yield _line(first)
        async for event in events:
            yield _line(event)


def _line(event: ChatEvent) -> str:
    payload = event.payload()
    return f"event: {payload['type']}\ndata: {json.dumps(payload, ensure_ascii=False)}\n\n"
