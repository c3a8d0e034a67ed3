"""What a question must be, in every channel."""

from app.core.errors import business_error
from domain.dto.chat import ChatRequest

# A long e-mail fits; more is a document, and costs like one.
MAX_QUESTION_CHARACTERS = 16_000
# With its prefix an id must fit into a DynamoDB key of 1,024 bytes.
MAX_ID_CHARACTERS = 200


def check_question(request: ChatRequest) -> None:
    """Refuse a request that cannot be answered.

    Raises:
        BusinessException: with the code that says what is wrong.
    """
    for field in ("user_id", "chat_id", "session_id"):
        value = getattr(request, field)
        if value is not None and not is_valid_id(value):
            raise business_error("invalid_id", field=field, limit=MAX_ID_CHARACTERS)
    if not is_encodable(request.question):
        raise business_error("invalid_text")
    if not request.question.strip():
        raise business_error("question_empty")
    if len(request.question) > MAX_QUESTION_CHARACTERS:
        raise business_error("question_too_long", limit=MAX_QUESTION_CHARACTERS)


def is_valid_id(value: str) -> bool:
    """Tell whether the value can name a user, a chat or a session."""
    return 0 < len(value) <= MAX_ID_CHARACTERS and value.isprintable() and is_encodable(value)


def is_encodable(text: str) -> bool:
    """Tell whether the text is Unicode; JSON can carry half of a surrogate pair."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
