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
_CLIENT_CLOSED_REQUEST = 499


async def stream_of(events: AsyncGenerator[ChatEvent, None]) -> Response:
    """Return the events as a stream; a question refused before its turn is a plain problem."""
    first = await anext(events)
    if isinstance(first, ErrorEvent):
        await events.aclose()
        return _problem(first)
    return StreamingResponse(
        _lines(first, events),
        media_type="text/event-stream",
        # A proxy that buffers would hold the pieces back until the answer is whole.
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def answer_of(events: AsyncGenerator[ChatEvent, None], request: Request) -> Response:
    """Return the whole answer, or the problem; a client that leaves cancels the turn."""
    turn = asyncio.create_task(_last(events))
    departure = asyncio.create_task(_until_disconnected(request))
    try:
        await asyncio.wait({turn, departure}, return_when=asyncio.FIRST_COMPLETED)
        if not turn.done():
            return Response(status_code=_CLIENT_CLOSED_REQUEST)
        return _response(turn.result())
    finally:
        for task in (turn, departure):
            task.cancel()
        await asyncio.wait({turn, departure})


async def _last(events: AsyncGenerator[ChatEvent, None]) -> ChatEvent | None:
    last: ChatEvent | None = None
    async with aclosing(events):
        async for event in events:
            last = event
    return last


def _response(last: ChatEvent | None) -> Response:
    if isinstance(last, ErrorEvent):
        return _problem(last)
    assert isinstance(last, EndEvent)
    return JSONResponse({key: value for key, value in last.payload().items() if key != "type"})


def _problem(error: ErrorEvent) -> Response:
    return problem(error.code, error.message, trace_id=error.trace_id)


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
