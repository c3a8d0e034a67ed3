"""The review's routes: the chats of the bot, to be read, rated and collected by operators."""

from collections.abc import Awaitable
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Literal, TypeVar

from fastapi import APIRouter, Depends, Path, Query

from app.core.ports.chat_storage import ListingRequest
from app.core.ports.review_storage import DayRange, MarkKind
from app.core.service.chat.question_check import MAX_ID_CHARACTERS
from app.core.service.feedback.feedback_service import Feedback
from app.core.service.operator import texts
from app.core.service.review.review_service import ReviewService
from domain.dto.rating import is_good
from domain.exceptions.business_exception import BusinessException
from domain.exceptions.storage import InvalidCursor
from interface.api.problems import problems
from interface.dependencies import Container
from interface.operator.access import Operator
from interface.operator.review.review_schemas import (
    EvalCaseBody,
    FoundChatsBody,
    OperatorFeedbackBody,
    ReviewBody,
    ThumbBody,
)

_Found = TypeVar("_Found")

# Each costs four reads, whether anybody wrote on it or not.
MAX_DAYS = 31
_DAYS_WITHOUT_A_WISH = 7
_MAX_LIMIT = 100
# Before it there was no bot, and a few years further there are no days.
_FIRST_YEAR = 2020

router = APIRouter(
    prefix="/operator/api/review",
    tags=["operators"],
    responses=problems(400, 401, 403, 404, 413, 422, 500, 503),
)


async def _review_service(container: Container) -> ReviewService:
    service: ReviewService = container.services.review_service()
    return service


TheReviewService = Annotated[ReviewService, Depends(_review_service)]
# Longer ones do not fit into a key of the table.
ChatId = Annotated[str, Path(max_length=MAX_ID_CHARACTERS)]
MessageId = Annotated[str, Path(max_length=MAX_ID_CHARACTERS)]
AnId = Annotated[str | None, Query(min_length=1, max_length=MAX_ID_CHARACTERS)]
Text = Annotated[str, Query(max_length=200, description="Only chats in whose messages it is")]
Limit = Annotated[int, Query(ge=1, le=_MAX_LIMIT, description="Most items to return")]
Cursor = Annotated[
    str | None, Query(max_length=2_000, description="`next_cursor` of the page before")
]


@router.get("/chats")
async def list_chats(
    operator: Operator,
    service: TheReviewService,
    chat_id: AnId = None,
    user_id: AnId = None,
    show: MarkKind = "chat",
    first_day: date | None = None,
    last_day: date | None = None,
    text: Text = "",
    limit: Limit = 20,
    cursor: Cursor = None,
) -> FoundChatsBody:
    """Find chats, the newest first: one, those of a user, or those of some days (UTC).

    Of days the last seven are taken unless others are named, 31 at most.
    """
    listing = ListingRequest(limit, cursor, newest_first=True)
    if chat_id is not None:
        return FoundChatsBody.of(await service.find_chat(operator, chat_id))
    if user_id is not None:
        found = service.list_chats_of(operator, user_id, listing)
    else:
        days = _days(first_day, last_day)
        found = service.list_chats(operator, show, days, text.strip(), listing)
    return FoundChatsBody.of(await _read(found))


@router.get("/chats/{chat_id}")
async def read_chat(
    chat_id: ChatId,
    operator: Operator,
    service: TheReviewService,
    limit: Limit = 50,
    cursor: Cursor = None,
    order: Literal["asc", "desc"] = "desc",
) -> ReviewBody:
    """Read a chat with its steps and ratings, the newest message first unless asked otherwise."""
    listing = ListingRequest(limit, cursor, newest_first=order == "desc")
    return ReviewBody.of(*await _read(service.read(operator, chat_id, listing)))


@router.post("/chats/{chat_id}/messages/{message_id}/feedback")
async def rate_answer(
    chat_id: ChatId,
    message_id: MessageId,
    body: OperatorFeedbackBody,
    operator: Operator,
    service: TheReviewService,
) -> ThumbBody | None:
    """Say what the operators think of an answer, instead of what they thought before."""
    feedback = Feedback(chat_id, message_id, is_good(body.rating), body.comment or "")
    return ThumbBody.of(await service.rate(operator, feedback))


@router.post("/chats/{chat_id}/messages/{message_id}/case", status_code=201)
async def collect_case(
    chat_id: ChatId, message_id: MessageId, operator: Operator, service: TheReviewService
) -> EvalCaseBody:
    """Keep the chat up to this answer as a case to measure models and prompts by."""
    return EvalCaseBody.of(await service.collect(operator, chat_id, message_id))


def _days(first: date | None, last: date | None) -> DayRange:
    last = last or datetime.now(UTC).date()
    if last.year < _FIRST_YEAR:
        raise _invalid_days()
    first = first or last - timedelta(days=_DAYS_WITHOUT_A_WISH - 1)
    if not timedelta() <= last - first < timedelta(days=MAX_DAYS):
        raise _invalid_days()
    return DayRange(first.isoformat(), last.isoformat())


def _invalid_days() -> BusinessException:
    return BusinessException("invalid_days", texts.INVALID_DAYS.format(limit=MAX_DAYS))


async def _read(found: Awaitable[_Found]) -> _Found:
    try:
        return await found
    except InvalidCursor as error:
        raise BusinessException("invalid_cursor", texts.INVALID_CURSOR) from error
