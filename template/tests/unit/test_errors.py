import pytest

from app.core.errors import business_error, explained
from app.core.texts import ERROR_MESSAGES
from domain.exceptions.business_exception import BusinessException
from domain.exceptions.model import (
    ModelError,
    ModelInterrupted,
    ModelRefused,
    ModelThrottled,
    ModelTimeout,
)
from domain.exceptions.storage import ConditionFailed, ItemTooLarge, StorageUnavailable

SECRET = "internal-detail"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ModelError(SECRET), "model_unavailable"),
        (ModelThrottled(SECRET), "model_throttled"),
        (ModelTimeout(SECRET), "model_timeout"),
        (ModelRefused(SECRET), "model_refused"),
        (ModelInterrupted(SECRET), "model_interrupted"),
        (StorageUnavailable(SECRET), "storage_unavailable"),
        (ConditionFailed(SECRET), "storage_unavailable"),
        (ItemTooLarge(SECRET), "answer_too_long"),
        (ZeroDivisionError(SECRET), "internal_error"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_a_failure_is_told_by_its_code_and_without_internals(error: Exception, code: str) -> None:
    told = explained(error)
    assert (told.code, told.message) == (code, ERROR_MESSAGES[code])
    assert SECRET not in told.message


def test_what_was_already_written_for_people_is_told_as_it_is() -> None:
    error = BusinessException("own_code", "Own sentence.")
    assert explained(error) is error


def test_a_sentence_names_the_details() -> None:
    error = business_error("invalid_id", field="chat_id", limit=200)
    assert error.code == "invalid_id"
    assert "chat_id" in error.message and "200" in error.message


def test_every_sentence_ends_and_leaves_no_placeholder_open() -> None:
    for code, sentence in ERROR_MESSAGES.items():
        told = business_error(code, field="user_id", limit=1).message
        assert told.endswith("."), code
        assert "{" not in told and sentence.strip() == sentence, code
