"""What a client sends of an answer, kept and confirmed."""

from typing import Any, Literal, NotRequired, TypedDict

import structlog

from app.core.errors import explained
from app.core.service.auth.identity import Identity
from app.core.service.feedback.feedback_service import FeedbackService
from domain.dto.events import ErrorEvent, ErrorPayload
from domain.dto.rating import RatingWord
from domain.exceptions.business_exception import BusinessException
from interface.websocket.incoming import parse_feedback

logger = structlog.get_logger(__name__)


class FeedbackRecordedPayload(TypedDict):
    type: Literal["feedback_recorded"]
    chat_id: str
    message_id: str
    rating: RatingWord | None


class SocketErrorPayload(ErrorPayload):
    request: NotRequired[Literal["feedback"]]


async def keep_feedback(
    service: FeedbackService, identity: Identity, value: dict[str, Any]
) -> FeedbackRecordedPayload | SocketErrorPayload:
    """Keep what the message says of an answer, and return the event for the client.

    An error is marked as one of feedback: it may come during a turn, whose errors end it.
    """
    try:
        body = parse_feedback(value)
        thumb = await service.rate(identity.user_for(body.user_id), body.to_feedback())
    except Exception as error:
        told = explained(error)
        if not isinstance(error, BusinessException):
            logger.warning("feedback_not_kept", code=told.code, reason=str(error))
        return {**ErrorEvent(told.code, told.message).payload(), "request": "feedback"}
    return {
        "type": "feedback_recorded",
        "chat_id": body.chat_id,
        "message_id": body.message_id,
        "rating": thumb.word,
    }
