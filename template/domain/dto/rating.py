"""What people think of answers."""

from dataclasses import dataclass
from typing import Literal

from domain.ids import trace_id_of

Rater = Literal["user", "operator"]


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
