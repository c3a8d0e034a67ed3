"""Reading what a client sends."""

from typing import Any

from pydantic import ValidationError
from pydantic_core import from_json

from domain.exceptions.business_exception import BusinessException
from interface.chat_request_body import ChatRequestBody
from interface.websocket import texts


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
