"""From what went wrong to what the person is told."""

from app.core.texts import ERROR_MESSAGES
from domain.exceptions.business_exception import BusinessException
from domain.exceptions.model import ModelError
from domain.exceptions.storage import ItemTooLarge, StorageError


def business_error(code: str, **details: object) -> BusinessException:
    """Return the failure of this code with its sentence in the bot's language."""
    return BusinessException(code, ERROR_MESSAGES[code].format(**details))


def explained(error: Exception) -> BusinessException:
    """Return what to tell about any failure; internals stay in the log."""
    if isinstance(error, BusinessException):
        return error
    if isinstance(error, ModelError):
        return business_error(error.code)
    if isinstance(error, ItemTooLarge):
        # Whatever else is stored was measured when it came in.
        return business_error("answer_too_long")
    if isinstance(error, StorageError):
        return business_error("storage_unavailable")
    return business_error("internal_error")
