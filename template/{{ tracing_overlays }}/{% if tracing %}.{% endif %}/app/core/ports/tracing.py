"""What the bot's traces are, whether they are sent or not."""

from typing import Protocol

from app.core.ports.handoff_observer import HandoffObserver
from app.core.ports.rating_observer import RatingObserver
from app.core.ports.turn_observer import TurnObserver


class Tracing(TurnObserver, HandoffObserver, RatingObserver, Protocol):
    """Follows turns, what becomes of them, and what people think of their answers."""

    async def flush(self) -> None:
        """Send what is held back, for a bounded time; where that was in vain, not for a while."""
        ...
