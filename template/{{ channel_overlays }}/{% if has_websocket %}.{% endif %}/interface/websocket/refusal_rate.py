"""How many messages of one connection may be refused before it is closed."""

import time

# Far above anybody who types; a client in a loop is cut off within a second.
_REFUSALS = 100
_WINDOW_SECONDS = 10.0


class RefusalRate:
    """A bucket that refills steadily."""

    def __init__(self) -> None:
        self._left = float(_REFUSALS)
        self._seen_at = time.monotonic()

    def admits(self) -> bool:
        """Count a refusal; False if there were too many of late."""
        now = time.monotonic()
        refill = (now - self._seen_at) * _REFUSALS / _WINDOW_SECONDS
        self._left = min(_REFUSALS, self._left + refill)
        self._seen_at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True
