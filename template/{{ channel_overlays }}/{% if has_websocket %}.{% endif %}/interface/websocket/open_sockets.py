"""How many sockets are open in this process, altogether and for each user."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from app.core.observability.socket_metrics import SocketMetrics
from domain.exceptions.business_exception import BusinessException
from interface.websocket import texts


class OpenSockets:
    """Counts them; a limit of 0 is none."""

    def __init__(self, metrics: SocketMetrics, limit: int, limit_per_user: int) -> None:
        self._metrics = metrics
        self._limit = limit
        self._limit_per_user = limit_per_user
        self._of_users: Counter[str | None] = Counter()

    def count_refused(self, code: str) -> None:
        """Count a socket that was not opened."""
        self._metrics.count_refused(code)

    @contextmanager
    def place(self, user_id: str | None) -> Iterator[None]:
        """Hold a place for one socket.

        Args:
            user_id: for whom it speaks; None, which is whoever each question names, has no limit of
                its own.

        Raises:
            BusinessException: `too_many_connections`.
        """
        is_full = 0 < self._limit <= self._of_users.total()
        is_users_full = 0 < self._limit_per_user <= self._of_users[user_id]
        if is_full or (is_users_full and user_id is not None):
            raise BusinessException("too_many_connections", texts.TOO_MANY_CONNECTIONS)
        self._of_users[user_id] += 1
        self._metrics.opened()
        try:
            yield
        finally:
            self._metrics.closed()
            self._of_users[user_id] -= 1
            if not self._of_users[user_id]:
                del self._of_users[user_id]
