"""A turn as OpenAI's clients take it: one answer, or pieces as server-sent events."""

import json
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from fastapi import Request, Response
from fastapi.responses import JSONResponse, StreamingResponse

from domain.dto.chat import TokenUsage
from domain.dto.events import (
    AgentResponseEvent,
    ChatEvent,
    EndEvent,
    ErrorEvent,
    StartEvent,
    TokenEvent,
)
from domain.ids import trace_id_of
from interface.api.completions import STREAM_HEADERS, events_of, left, problem_of
from interface.openai.completion_answer import (
    AnswerMessage,
    Choice,
    ChunkBody,
    ChunkChoice,
    CompletionBody,
    Delta,
    UsageBody,
)
from interface.openai.conversation import Conversation
from interface.openai.errors import SHOULD_RETRY, error_body


async def whole_answer(
    events: AsyncGenerator[ChatEvent, None], request: Request, conversation: Conversation
) -> Response:
    """Return the answer, or the problem; a client that leaves cancels the turn."""
    told = await events_of(events, request)
    if not told:
        return left()
    start, end = told[0], told[-1]
    if isinstance(end, ErrorEvent):
        response = problem_of(end)
        if isinstance(start, StartEvent):
            # The question is stored, and need not be asked again: the chat goes on after it.
            response.headers.update({**_headers(start), SHOULD_RETRY: "false"})
        return response
    assert isinstance(start, StartEvent) and isinstance(end, EndEvent)
    text = await conversation.ended(end, start.session)
    usage = next((e.usage for e in told if isinstance(e, AgentResponseEvent)), TokenUsage())
    body = CompletionBody(
        id=start.message_id,
        created=int(time.time()),
        choices=[Choice(message=AnswerMessage(content=text))],
        usage=UsageBody.of(usage),
        chat_id=start.session.chat_id,
        session_id=start.session.session_id,
        trace_id=trace_id_of(start.message_id),
        handoff=end.handoff,
    )
    return JSONResponse(body.model_dump(), headers=_headers(start))


async def streamed_answer(
    events: AsyncGenerator[ChatEvent, None], conversation: Conversation, *, includes_usage: bool
) -> Response:
    """Return the answer in pieces; a question refused before its turn is a plain problem."""
    start = await anext(events)
    if isinstance(start, ErrorEvent):
        await events.aclose()
        return problem_of(start)
    assert isinstance(start, StartEvent)
    return StreamingResponse(
        _lines(start, events, conversation, includes_usage),
        media_type="text/event-stream",
        headers={**STREAM_HEADERS, **_headers(start)},
    )


def _headers(start: StartEvent) -> dict[str, str]:
    return {"X-Chat-Id": start.session.chat_id, "X-Trace-Id": trace_id_of(start.message_id)}


async def _lines(
    start: StartEvent,
    events: AsyncGenerator[ChatEvent, None],
    conversation: Conversation,
    includes_usage: bool,
) -> AsyncGenerator[str, None]:
    pieces = _Pieces(start)
    usage = TokenUsage()
    is_begun = False
    async with aclosing(events):
        yield pieces.first()
        async for event in events:
            if isinstance(event, TokenEvent):
                is_begun = True
                yield pieces.text(event.delta)
            elif isinstance(event, AgentResponseEvent):
                usage = event.usage
                if not is_begun:
                    yield pieces.text(event.content)
            elif isinstance(event, ErrorEvent):
                yield _error(event)
                return
            elif isinstance(event, EndEvent):
                text = await conversation.ended(event, start.session)
                if text != event.full_text:
                    yield pieces.text(text)
                yield pieces.last(handoff=event.handoff)
    if includes_usage:
        yield pieces.usage(usage)
    yield "data: [DONE]\n\n"


def _error(event: ErrorEvent) -> str:
    status = problem_of(event).status_code
    body = error_body(event.code, event.message, status, trace_id=event.trace_id)
    return f"data: {json.dumps(body, ensure_ascii=False)}\n\n"


class _Pieces:
    """The events of one stream."""

    def __init__(self, start: StartEvent) -> None:
        self._start = start
        self._created = int(time.time())

    def first(self) -> str:
        choice = ChunkChoice(delta=Delta(role="assistant", content=""))
        session = self._start.session
        return self._line(
            choice,
            chat_id=session.chat_id,
            session_id=session.session_id,
            trace_id=trace_id_of(self._start.message_id),
        )

    def text(self, text: str) -> str:
        return self._line(ChunkChoice(delta=Delta(content=text)))

    def last(self, *, handoff: bool) -> str:
        return self._line(ChunkChoice(delta=Delta(), finish_reason="stop"), handoff=handoff)

    def usage(self, usage: TokenUsage) -> str:
        return self._line(usage=UsageBody.of(usage))

    def _line(self, *choices: ChunkChoice, **more: Any) -> str:
        message_id = self._start.message_id
        chunk = ChunkBody(id=message_id, created=self._created, choices=list(choices), **more)
        return f"data: {chunk.model_dump_json()}\n\n"
