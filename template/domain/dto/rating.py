"""What people think of answers."""

from dataclasses import dataclass
from typing import Literal

from domain.ids import trace_id_of

Rater = Literal["user", "operator"]
# How a thumb is written outside of the bot.
RatingWord = Literal["good", "bad"]


@dataclass(frozen=True, slots=True)
class Thumb:
    """What one rater thinks of an answer; `is_good` is None where they took their thumb back."""

    is_good: bool | None
    comment: str
    rated_at: str

    @property
    def word(self) -> RatingWord | None:
        return word_of(self.is_good)


def word_of(is_good: bool | None) -> RatingWord | None:
    """Return how the thumb is written, None for none."""
    if is_good is None:
        return None
    return "good" if is_good else "bad"


def is_good(word: RatingWord | None) -> bool | None:
    """Return what the word says, None where there is none."""
    return None if word is None else word == "good"


@dataclass(frozen=True, slots=True)
class Rating:
    """A thumb for one answer; it replaces what the same rater said of it before.

    `is_good` is None where somebody takes their thumb back; `channel` is where the answer was given.
    """

    chat_id: str
    message_id: str
    rater: Rater
    is_good: bool | None
    comment: str
    channel: str
    rated_at: str

    @property
    def trace_id(self) -> str:
        """The id of the trace of the turn that gave the answer."""
        return trace_id_of(self.message_id)
