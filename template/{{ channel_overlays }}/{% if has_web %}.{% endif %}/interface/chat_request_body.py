"""The wire form of a question, the same on every web channel."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from pydantic_core import from_json

from domain.dto.chat import ChatRequest
from domain.exceptions.business_exception import BusinessException
from interface import texts

_Id = Annotated[str, StringConstraints(strict=True)]


class ChatRequestBody(BaseModel):
    """A question; without `chat_id` it opens a chat, without `session_id` a session."""

    model_config = ConfigDict(
        strict=True,
        json_schema_extra={"examples": [{"user_id": "user_123", "question": "Hello!"}]},
    )

    user_id: _Id | None = None
    question: str = Field(max_length=1_000_000)
    chat_id: _Id | None = None
    session_id: _Id | None = None
    stream: bool = False

    def to_request(self, user_id: str, channel: str) -> ChatRequest:
        """Return the request of the user that authentication decided on."""
        return ChatRequest(
            user_id=user_id,
            question=self.question,
            chat_id=self.chat_id,
            session_id=self.session_id,
            stream=self.stream,
            channel=channel,
        )


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
    try:
        return ChatRequestBody.model_validate(value)
    except ValidationError as error:
        field = str(error.errors(include_input=False)[0]["loc"][0])
        message = texts.INVALID_REQUEST.format(field=field)
        raise BusinessException("invalid_request", message) from error
