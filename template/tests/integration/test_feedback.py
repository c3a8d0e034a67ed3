"""What people think of answers, on a real table: kept once for each rater, found again, and told."""

from dataclasses import replace

import pytest

from app.core.ports.chat_storage import ListingRequest
from app.core.ports.rating_observer import RatingObserver
from app.core.ports.review_storage import DayRange, MarkKind
from app.core.service.feedback.feedback_service import (
    MAX_COMMENT_CHARACTERS,
    Feedback,
    FeedbackService,
)
from domain.dto.chat import Chat, Message, Role, Session
from domain.dto.rating import Rating, Thumb
from domain.exceptions.business_exception import BusinessException
from domain.exceptions.storage import StorageUnavailable
from domain.ids import new_id, now_timestamp
from infra.dynamodb.dynamodb_client import DynamoDBClient
from infra.repositories.chat_repository import ChatRepository
from infra.repositories.review_repository import ReviewRepository

ALL = ListingRequest(limit=100)


class Told(RatingObserver):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.ratings: list[Rating] = []

    def rated(self, rating: Rating) -> None:
        self.ratings.append(rating)


class Broken(RatingObserver):
    """Fails whatever it is told."""

    def rated(self, rating: Rating) -> None:
        raise RuntimeError("the observer is broken")


class Feedbacks:
    """The service with one chat of ana's in the table: a question and its answer."""

    def __init__(self, dynamodb: DynamoDBClient) -> None:
        self.told = Told()
        self.chats = ChatRepository(dynamodb)
        self.review = ReviewRepository(dynamodb)
        self.service = FeedbackService(self.chats, self.review, (Broken(), self.told))
        self.question, self.answer = self._message("user"), self._message("assistant")

    async def begin(self) -> None:
        now = self.question.created_at
        session = Session("sess_1", "chat_1", "ana", now, now)
        chat = Chat("chat_1", "Hello?", "", now, now)
        await self.chats.save_question(self.question, session, chat)
        await self.chats.save_answer(self.answer, "Hello?")

    async def rate(
        self,
        is_good: bool | None,
        comment: str = "",
        *,
        message_id: str = "",
        rated_at: str | None = None,
    ) -> Thumb:
        message_id = message_id or self.answer.message_id
        feedback = Feedback("chat_1", message_id, is_good, comment, rated_at)
        return await self.service.rate("ana", feedback)

    async def kept(self) -> Message:
        page = await self.chats.list_messages("ana", "chat_1", ALL)
        assert page is not None
        return next(m for m in page.items if m.message_id == self.answer.message_id)

    async def found(self, kind: MarkKind) -> list[tuple[str, str]]:
        day = self.answer.created_at[:10]
        page = await self.review.list_marks(kind, DayRange(day, day), ALL)
        return [(mark.message_id, mark.rater) for mark in page.items]

    def _message(self, role: Role) -> Message:
        message_id, at = new_id("msg"), now_timestamp()
        return Message(message_id, "chat_1", "ana", role, "Hello!", at, channel="rest")


@pytest.fixture
async def feedbacks(dynamodb: DynamoDBClient) -> Feedbacks:
    feedbacks = Feedbacks(dynamodb)
    await feedbacks.begin()
    return feedbacks


async def test_a_rater_has_one_thumb_which_is_replaced_and_taken_back(
    feedbacks: Feedbacks,
) -> None:
    answer_id = feedbacks.answer.message_id
    await feedbacks.rate(True)
    await feedbacks.service.rate_as_operator(Feedback("chat_1", answer_id, False, "Too long."))
    await feedbacks.rate(False, "  My phone is (11) 98765-4321. ")
    kept = await feedbacks.kept()
    assert kept.user_thumb is not None and kept.operator_thumb is not None
    assert (kept.user_thumb.word, kept.user_thumb.comment) == (
        "bad",
        "My phone is (11) 98765-4321.",
    )
    assert (kept.operator_thumb.word, kept.operator_thumb.comment) == ("bad", "Too long.")
    assert await feedbacks.found("good") == []
    assert sorted(await feedbacks.found("bad")) == [(answer_id, "operator"), (answer_id, "user")]

    await feedbacks.rate(None, "Not needed any more.")
    kept = await feedbacks.kept()
    assert kept.user_thumb is not None and kept.user_thumb.is_good is None
    assert kept.user_thumb.comment == ""
    assert await feedbacks.found("bad") == [(answer_id, "operator")]
    told = [(rating.rater, rating.is_good, rating.comment) for rating in feedbacks.told.ratings]
    # What observers keep is somewhere else, without what tells who it was.
    assert told == [
        ("user", True, ""),
        ("operator", False, "Too long."),
        ("user", False, "My phone is <phone>."),
        ("user", None, ""),
    ]
    assert {rating.channel for rating in feedbacks.told.ratings} == {"rest"}


async def test_what_is_said_again_is_not_told_again_and_an_older_word_changes_nothing(
    feedbacks: Feedbacks,
) -> None:
    await feedbacks.rate(None)
    await feedbacks.rate(True, "Good.", rated_at="2999-01-01T00:00:02.000000Z")
    await feedbacks.rate(True, "Good.", rated_at="2999-01-01T00:00:03.000000Z")
    old = await feedbacks.rate(False, rated_at="2999-01-01T00:00:01.000000Z")
    assert old.is_good is True
    assert [rating.is_good for rating in feedbacks.told.ratings] == [True]
    assert len(await feedbacks.found("good")) == 1


async def test_only_answers_in_ones_own_chats_can_be_rated(feedbacks: Feedbacks) -> None:
    answer_id = feedbacks.answer.message_id
    refused = {
        "chat_not_found": [
            ("eva", Feedback("chat_1", answer_id, True)),
            ("ana", Feedback("chat_2", answer_id, True)),
        ],
        "message_not_found": [
            ("ana", Feedback("chat_1", feedbacks.question.message_id, True)),
            ("ana", Feedback("chat_1", new_id("msg"), True)),
            ("ana", Feedback("chat_1", "msg_" + "f" * 32, True)),
            ("ana", Feedback("chat_1", "nonsense#", True)),
        ],
        "comment_too_long": [("ana", Feedback("chat_1", answer_id, True, "x" * 1_001))],
        "invalid_text": [("ana", Feedback("chat_1", answer_id, True, "\ud83d"))],
    }
    for code, cases in refused.items():
        for user_id, feedback in cases:
            with pytest.raises(BusinessException) as error:
                await feedbacks.service.rate(user_id, feedback)
            assert error.value.code == code, feedback
    with pytest.raises(BusinessException) as error:
        await feedbacks.service.rate_as_operator(Feedback("chat_2", answer_id, True))
    assert error.value.code == "chat_not_found"
    assert (await feedbacks.kept()).user_thumb is None
    assert feedbacks.told.ratings == []
    await feedbacks.rate(True, "x" * MAX_COMMENT_CHARACTERS)


async def test_an_answer_is_found_among_many_that_came_in_its_minute(feedbacks: Feedbacks) -> None:
    for number in range(40):
        other = replace(
            feedbacks.answer, message_id=new_id("msg"), created_at=now_timestamp(), content="More"
        )
        await feedbacks.chats.save_answer(other, "Hello?")
        if number in (3, 39):
            thumb = await feedbacks.rate(True, message_id=other.message_id)
            assert thumb.is_good is True
    await feedbacks.rate(False)
    assert (await feedbacks.kept()).user_thumb is not None


async def test_what_failed_half_way_comes_right_when_it_is_repeated(
    feedbacks: Feedbacks, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> bool:
        raise StorageUnavailable("away")

    with monkeypatch.context() as patch:
        patch.setattr(ChatRepository, "save_thumb", away)
        with pytest.raises(StorageUnavailable):
            await feedbacks.rate(False, "Wrong.")
    assert feedbacks.told.ratings == []
    await feedbacks.rate(False, "Wrong.")
    assert [rating.comment for rating in feedbacks.told.ratings] == ["Wrong."]
    assert await feedbacks.found("bad") == [(feedbacks.answer.message_id, "user")]
