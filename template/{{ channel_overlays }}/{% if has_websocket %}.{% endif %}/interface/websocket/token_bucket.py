"""How often one connection may do what costs something, before it is closed."""

import time

_WINDOW_SECONDS = 10.0


class TokenBucket:
    """A bucket that refills steadily; `limit` is for ten seconds."""

    __slots__ = ("_left", "_limit", "_seen_at")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._left = float(limit)
        self._seen_at = time.monotonic()

    def admits(self) -> bool:
        """Count one; False if there were too many of late."""
        now = time.monotonic()
        refill = (now - self._seen_at) * self._limit / _WINDOW_SECONDS
        self._left = min(self._limit, self._left + refill)
        self._seen_at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True
