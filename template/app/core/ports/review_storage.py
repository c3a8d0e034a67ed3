"""What the review of chats needs of the store; every method raises StorageUnavailable when it cannot."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from app.core.ports.chat_storage import ListingRequest
from domain.dto.chat import Page
from domain.dto.eval_case import EvalCase

MarkKind = Literal["chat", "good", "bad", "handed_over", "failed"]


@dataclass(frozen=True, slots=True)
class ReviewMark:
    """That a chat is found under a day (UTC, such as 2027-01-15), and as what.

    `chat`: somebody wrote in it; the others are about the answer or the question `message_id` in it,
    `good` and `bad` by the thumb of a `rater`.
    """

    kind: MarkKind
    day: str
    chat_id: str
    user_id: str
    message_id: str = ""
    rater: str = ""


@dataclass(frozen=True, slots=True)
class DayRange:
    """The days from `first` to `last`, both included."""

    first: str
    last: str


class ReviewStorage(Protocol):
    """Which chats there were on a day, and the cases that operators collected from them."""

    async def mark(self, marks: Sequence[ReviewMark]) -> None:
        """Have the chats found; repeating it changes nothing."""
        ...

    async def unmark(self, mark: ReviewMark) -> None:
        """Have the chat no longer found as that."""
        ...

    async def list_marks(
        self, kind: MarkKind, days: DayRange, listing: ListingRequest
    ) -> Page[ReviewMark]:
        """Return marks of the kind, the newest day first and on each day the newest chat.

        Raises:
            InvalidCursor: the cursor is of another list.
        """
        ...

    async def save_case(self, case: EvalCase) -> None:
        """Keep a case until it is collected; the same answer's case is replaced."""
        ...

    async def list_cases(self, listing: ListingRequest) -> Page[EvalCase]:
        """Return the cases, the oldest first."""
        ...

    async def delete_case(self, case: EvalCase) -> None:
        """Forget the case."""
        ...

    async def record_search(self, operator: str, what: str, user_id: str | None, at: str) -> None:
        """Keep for the audit that an operator looked for chats, and by what.

        Args:
            user_id: whose chats they looked for, where it was one user's.
        """
        ...
