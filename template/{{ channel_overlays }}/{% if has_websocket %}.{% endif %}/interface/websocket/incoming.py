"""Reading what a client sends."""

from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from pydantic_core import from_json

from app.core.service.chat.question_check import MAX_ID_CHARACTERS
from app.core.service.feedback.feedback_service import Feedback
from domain.dto.rating import is_good
from domain.exceptions.business_exception import BusinessException
from interface.chat_request_body import ChatRequestBody
from interface.websocket import texts

_Id = StringConstraints(min_length=1, max_length=MAX_ID_CHARACTERS)
_Body = TypeVar("_Body", bound=BaseModel)


class CancelBody(BaseModel):
    """The client no longer wants the answer."""

    type: Literal["cancel"]


class FollowBody(BaseModel):
    """Which chat the client shows, and the newest message it has of it."""

    model_config = ConfigDict(strict=True)

    type: Literal["follow"]
    user_id: Annotated[str, _Id] | None = None
    chat_id: Annotated[str, _Id]
    after: Annotated[str, _Id] | None = None


class FeedbackBody(BaseModel):
    """What the user thinks of an answer; a `rating` of null takes it back."""

    model_config = ConfigDict(strict=True)

    type: Literal["feedback"]
    user_id: Annotated[str, _Id] | None = None
    chat_id: Annotated[str, _Id]
    message_id: Annotated[str, _Id]
    rating: Literal["good", "bad"] | None
    comment: Annotated[str, Field(max_length=10_000)] | None = None

    def to_feedback(self) -> Feedback:
        return Feedback(self.chat_id, self.message_id, is_good(self.rating), self.comment or "")


def parse_object(text: str | bytes) -> dict[str, Any]:
    """Return the JSON object of a message; NaN, half surrogates and deep nesting are no JSON.

    Raises:
        BusinessException: `invalid_json` or `invalid_request`.
    """
    try:
        value = from_json(text, allow_inf_nan=False)
    except ValueError as error:
        raise BusinessException("invalid_json", texts.INVALID_JSON) from error
    if not isinstance(value, dict):
        raise BusinessException("invalid_request", texts.NOT_AN_OBJECT)
    return value


def parse_question(value: dict[str, Any]) -> ChatRequestBody:
    """Return the question of a message.

    Raises:
        BusinessException: `invalid_request`, naming the field.
    """
    return _parse(ChatRequestBody, value)


def parse_follow(value: dict[str, Any]) -> FollowBody:
    """Return which chat is to be followed; raises as parse_question does."""
    return _parse(FollowBody, value)


def parse_feedback(value: dict[str, Any]) -> FeedbackBody:
    """Return what the user thinks of which answer; raises as parse_question does."""
    return _parse(FeedbackBody, value)


def _parse(body: type[_Body], value: dict[str, Any]) -> _Body:
    try:
        return body.model_validate(value)
    except ValidationError as error:
        field = str(error.errors(include_input=False)[0]["loc"][0])
        message = texts.INVALID_REQUEST.format(field=field)
        raise BusinessException("invalid_request", message) from error
