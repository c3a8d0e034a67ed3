"""What waits for somebody."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Backlog:
    """How many wait; since when the first of them does, in epoch seconds, None if nobody does."""

    count: int
    oldest_at: float | None = None
