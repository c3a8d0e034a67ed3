"""The REST API: chats with their messages and sessions, titles, and chat itself as JSON or SSE."""

from collections.abc import Awaitable
from typing import Annotated, Literal, TypeVar

from fastapi import APIRouter, Path, Query, Request, Response

from app.core.errors import business_error
from app.core.ports.chat_storage import ListingRequest
from app.core.service.chat.question_check import MAX_ID_CHARACTERS
from app.core.service.feedback.feedback_service import Feedback
from domain.dto.rating import is_good
from domain.exceptions.business_exception import BusinessException
from domain.exceptions.storage import InvalidCursor
from interface.api import texts
from interface.api.completions import CHANNEL, answer_of, stream_of
from interface.api.parameters import Caller, TheChatStorage, TheFeedbackService
from interface.api.problems import problems
from interface.api.schemas import (
    AnswerBody,
    ChatBody,
    FeedbackBody,
    KeptFeedbackBody,
    MessageBody,
    PageBody,
    SessionBody,
    TitleBody,
)
from interface.chat_request_body import ChatRequestBody
from interface.dependencies import TheChatService

_Found = TypeVar("_Found")

MAX_TITLE_CHARACTERS = 120
_MAX_LIMIT = 100

# Server-sent events, each with the name and the JSON of an event of the turn.
_EVENT = {
    "type": "object",
    "properties": {"event": {"type": "string"}, "data": {"type": "string"}},
    "required": ["event", "data"],
}

router = APIRouter(
    prefix="/api/chats",
    tags=["chats"],
    responses=problems(400, 401, 403, 404, 409, 413, 422, 429, 500, 502, 503, 504),
)

UserId = Annotated[
    str | None,
    Query(
        min_length=1,
        max_length=MAX_ID_CHARACTERS,
        description="The user; needed where the credential does not name one",
        examples=["user_123"],
    ),
]
# A longer one does not fit into a key of the table.
ChatId = Annotated[str, Path(max_length=MAX_ID_CHARACTERS)]
MessageId = Annotated[str, Path(max_length=MAX_ID_CHARACTERS)]
Limit = Annotated[int, Query(ge=1, le=_MAX_LIMIT, description="Most items to return")]
Cursor = Annotated[
    str | None, Query(max_length=2_000, description="`next_cursor` of the page before")
]
Order = Literal["asc", "desc"]


@router.get("/")
@router.get("", include_in_schema=False)
async def list_chats(
    caller: Caller,
    storage: TheChatStorage,
    user_id: UserId = None,
    limit: Limit = 20,
    cursor: Cursor = None,
    order: Order = "desc",
) -> PageBody[ChatBody]:
    """List the user's chats by creation, the newest first unless asked otherwise."""
    listing = ListingRequest(limit, cursor, newest_first=order == "desc")
    page = await _read(storage.list_chats(caller.user_for(user_id), listing))
    return PageBody(items=[ChatBody.of(c) for c in page.items], next_cursor=page.next_cursor)


@router.get("/{chat_id}/messages")
async def list_messages(
    chat_id: ChatId,
    caller: Caller,
    storage: TheChatStorage,
    user_id: UserId = None,
    limit: Limit = 20,
    cursor: Cursor = None,
    order: Order = "asc",
) -> PageBody[MessageBody]:
    """List the messages of a chat by time, the oldest first unless asked otherwise."""
    listing = ListingRequest(limit, cursor, newest_first=order == "desc")
    page = await _read(storage.list_messages(caller.user_for(user_id), chat_id, listing))
    return PageBody(items=[MessageBody.of(m) for m in page.items], next_cursor=page.next_cursor)


@router.get("/{chat_id}/sessions")
async def list_sessions(
    chat_id: ChatId,
    caller: Caller,
    storage: TheChatStorage,
    user_id: UserId = None,
    limit: Limit = 20,
    cursor: Cursor = None,
    order: Order = "asc",
) -> PageBody[SessionBody]:
    """List the sessions of a chat by start, the oldest first unless asked otherwise."""
    listing = ListingRequest(limit, cursor, newest_first=order == "desc")
    page = await _read(storage.list_sessions(caller.user_for(user_id), chat_id, listing))
    return PageBody(items=[SessionBody.of(s) for s in page.items], next_cursor=page.next_cursor)


@router.patch("/{chat_id}/title")
async def rename_chat(
    chat_id: ChatId,
    body: TitleBody,
    caller: Caller,
    storage: TheChatStorage,
    user_id: UserId = None,
) -> ChatBody:
    """Give a chat a title; from then on the bot never changes it."""
    title = " ".join(body.title.split())
    if not 0 < len(title) <= MAX_TITLE_CHARACTERS:
        message = texts.INVALID_TITLE.format(limit=MAX_TITLE_CHARACTERS)
        raise BusinessException("invalid_title", message)
    return ChatBody.of(await _read(storage.rename_chat(caller.user_for(user_id), chat_id, title)))


@router.post("/{chat_id}/messages/{message_id}/feedback")
async def rate_answer(
    chat_id: ChatId,
    message_id: MessageId,
    body: FeedbackBody,
    caller: Caller,
    feedback_service: TheFeedbackService,
    user_id: UserId = None,
) -> KeptFeedbackBody:
    """Say what the user thinks of an answer, instead of what they thought of it before."""
    feedback = Feedback(chat_id, message_id, is_good(body.rating), body.comment or "")
    thumb = await feedback_service.rate(caller.user_for(user_id), feedback)
    return KeptFeedbackBody.of(message_id, thumb)


@router.post(
    "/completions",
    response_model=AnswerBody,
    responses={200: {"content": {"text/event-stream": {"schema": _EVENT}}}},
)
async def complete(
    body: ChatRequestBody,
    request: Request,
    caller: Caller,
    chat_service: TheChatService,
) -> Response:
    """Answer a question: as one JSON object, or with `stream` as the events of the turn (SSE)."""
    question = body.to_request(caller.user_for(body.user_id), CHANNEL)
    events = chat_service.run(question)
    if body.stream:
        return await stream_of(events)
    return await answer_of(events, request)


async def _read(found: Awaitable[_Found | None]) -> _Found:
    """Return what was found.

    Raises:
        BusinessException: nothing was, or the cursor is of another list.
    """
    try:
        result = await found
    except InvalidCursor as error:
        raise BusinessException("invalid_cursor", texts.INVALID_CURSOR) from error
    if result is None:
        raise business_error("chat_not_found")
    return result
