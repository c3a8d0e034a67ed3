"""One message of the queue, from its body to what becomes of it."""

import random
from collections.abc import Callable
from typing import Protocol

import structlog
from structlog.contextvars import clear_contextvars

from domain.dto.whatsapp_wake import Wake
from domain.exceptions.storage import StorageError
from domain.exceptions.whatsapp import InvalidWake

logger = structlog.get_logger(__name__)

_FIRST_BACKOFF_SECONDS = 2.0
_MAX_BACKOFF_SECONDS = 60.0


class Answering(Protocol):
    """Answers one person; see Correspondence.answer."""

    async def answer(self, person: str, is_stopping: Callable[[], bool]) -> float | None: ...


def _never() -> bool:
    return False


class WakeHandler:
    """Answers the person whom a message names; whoever took the message asks it, poller or not."""

    def __init__(self, correspondence: Answering) -> None:
        self._correspondence = correspondence

    async def handle(
        self, body: str, attempt: int = 1, is_stopping: Callable[[], bool] = _never
    ) -> float | None:
        """Answer everything that the person wrote.

        Args:
            attempt: how often the message was taken, this time included.
            is_stopping: asked before each turn, so that none begins which could not end.

        Returns:
            After how many seconds the message has to come again; None: it has done its work. What
            fails every time always comes again, until the queue sets it aside.
        """
        clear_contextvars()
        try:
            wait = await self._correspondence.answer(Wake.from_json(body).person, is_stopping)
        except InvalidWake as error:
            logger.error("whatsapp_wake_unreadable", reason=str(error), attempt=attempt)
            return _backoff(attempt)
        except StorageError as error:
            logger.warning("whatsapp_store_away", reason=str(error), attempt=attempt)
            return _backoff(attempt)
        except Exception:
            logger.exception("whatsapp_answering_failed", attempt=attempt)
            return _backoff(attempt)
        if wait is None and is_stopping():
            # More may wait than was answered.
            return 0.0
        return wait


def _backoff(attempt: int) -> float:
    # Spread, or everybody's next attempt would meet the store in the same instant.
    longest = min(_MAX_BACKOFF_SECONDS, _FIRST_BACKOFF_SECONDS * 2 ** min(attempt - 1, 10))
    return random.uniform(longest / 2, longest)  # noqa: S311
