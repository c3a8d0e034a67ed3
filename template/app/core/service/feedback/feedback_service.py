"""What people think of answers: a thumb, and words if they like."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import structlog

from app.core.errors import business_error
from app.core.ports.chat_storage import ChatStorage
from app.core.ports.rating_observer import RatingObserver
from app.core.ports.review_storage import ReviewMark, ReviewStorage
from app.core.service.chat.question_check import is_encodable
from domain.dto.chat import Message
from domain.dto.rating import Rater, Rating, Thumb
from domain.ids import now_timestamp
from domain.personal_data import without_personal_data

logger = structlog.get_logger(__name__)

MAX_COMMENT_CHARACTERS = 1_000


@dataclass(frozen=True, slots=True)
class Feedback:
    """A thumb for one answer of a chat; `is_good` None takes it back.

    `rated_at` is when it was given; a word that comes later than a newer one changes nothing.
    """

    chat_id: str
    message_id: str
    is_good: bool | None
    comment: str = ""
    rated_at: str | None = None


class FeedbackService:
    """Keeps one thumb of the user and one of the operators for each answer, and tells observers."""

    def __init__(
        self, chats: ChatStorage, review: ReviewStorage, observers: Sequence[RatingObserver]
    ) -> None:
        self._chats = chats
        self._review = review
        self._observers = observers

    async def rate(self, user_id: str, feedback: Feedback) -> Thumb:
        """Keep what the user thinks of an answer in a chat of theirs, instead of what they thought.

        Raises:
            BusinessException: `chat_not_found`, `message_not_found` where it is no answer of the bot,
                `comment_too_long` or `invalid_text`.
            StorageUnavailable: it may not be kept; it can be repeated.
        """
        if await self._chats.find_chat(user_id, feedback.chat_id) is None:
            raise business_error("chat_not_found")
        return await self._keep(feedback, "user", owner=user_id)

    async def rate_as_operator(self, feedback: Feedback) -> Thumb:
        """Keep what the operators think of an answer in any chat; raises as `rate` does."""
        owner = await self._chats.owner_of(feedback.chat_id)
        if owner is None:
            raise business_error("chat_not_found")
        return await self._keep(feedback, "operator", owner=owner)

    async def _keep(self, feedback: Feedback, rater: Rater, owner: str) -> Thumb:
        thumb = _thumb(feedback)
        answer = await self._chats.find_answer(feedback.chat_id, feedback.message_id)
        if answer is None or answer.user_id != owner:
            raise business_error("message_not_found")
        before = answer.user_thumb if rater == "user" else answer.operator_thumb
        if before is not None and before.rated_at > thumb.rated_at:
            return before
        if before is None or replace(before, rated_at=thumb.rated_at) != thumb:
            await self._change(answer, rater, before, thumb)
        return thumb

    async def _change(
        self, answer: Message, rater: Rater, before: Thumb | None, thumb: Thumb
    ) -> None:
        # First what leads to the answer: repeated after a failure, it all comes right.
        if thumb.is_good is not None:
            await self._review.mark([_mark(answer, rater, is_good=thumb.is_good)])
        if not await self._chats.save_thumb(answer, rater, thumb):
            return
        if before is not None and before.is_good not in (None, thumb.is_good):
            await self._review.unmark(_mark(answer, rater, is_good=before.is_good))
        if before is None and thumb.is_good is None:
            # Nothing is taken back; only its time is kept, for words that overtook each other.
            return
        logger.info(
            "answer_rated", chat_id=answer.chat_id, message_id=answer.message_id, rater=rater
        )
        self._tell(answer, rater, thumb)

    def _tell(self, answer: Message, rater: Rater, thumb: Thumb) -> None:
        rating = Rating(
            chat_id=answer.chat_id,
            message_id=answer.message_id,
            rater=rater,
            is_good=thumb.is_good,
            comment=without_personal_data(thumb.comment),
            channel=answer.channel or "unknown",
            rated_at=thumb.rated_at,
        )
        for observer in self._observers:
            try:
                observer.rated(rating)
            except Exception:
                # It is kept, and whoever gave it need not know.
                logger.exception("rating_observer_failed")


def _thumb(feedback: Feedback) -> Thumb:
    comment = feedback.comment.strip() if feedback.is_good is not None else ""
    if len(comment) > MAX_COMMENT_CHARACTERS:
        raise business_error("comment_too_long", limit=MAX_COMMENT_CHARACTERS)
    if not is_encodable(comment):
        raise business_error("invalid_text")
    return Thumb(feedback.is_good, comment, feedback.rated_at or now_timestamp())


def _mark(answer: Message, rater: Rater, *, is_good: bool) -> ReviewMark:
    return ReviewMark(
        kind="good" if is_good else "bad",
        day=answer.created_at[:10],
        chat_id=answer.chat_id,
        user_id=answer.user_id,
        message_id=answer.message_id,
        rater=rater,
    )
