"""Who wants to know what people think of answers: metrics, for one."""

from typing import Protocol

from domain.dto.rating import Rating


class RatingObserver(Protocol):
    """Is told of ratings, without ever waiting."""

    def rated(self, rating: Rating) -> None:
        """Somebody rated an answer, changed their rating or took it back."""
        ...
