"""What the WhatsApp channel needs of the store; every method raises StorageUnavailable."""

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from domain.dto.backlog import Backlog
from domain.dto.chat import Session
from domain.dto.whatsapp import Correction, IdentityChange, SenderIdentity
from domain.dto.whatsapp_inbox import (
    BegunReply,
    InboxEntry,
    LockRefused,
    PersonLock,
    Receipt,
    ReceiptState,
    Recording,
)
from domain.dto.whatsapp_sent import RecentAnswers


class WhatsAppInbox(Protocol):
    """Messages from their acknowledgement to their reply, each recorded once."""

    async def record(self, *entries: InboxEntry) -> Sequence[Recording]:
        """Make up to 25 messages of one person durable, but for those of the last eight days."""
        ...

    async def correct(self, correction: Correction) -> None:
        """Change a message, or forget it, unless a reply to it was begun already."""
        ...

    async def waiting(self, person: str, limit: int) -> Sequence[InboxEntry]:
        """Return the person's unanswered messages, by Meta's time, then by arrival."""
        ...

    def people_waiting(self, received_before: int) -> AsyncIterator[str]:
        """Yield everyone with an unanswered message that came before this time in microseconds,
        whoever has waited longest first."""
        ...

    async def backlog(self) -> Backlog:
        """Return how many people have an unanswered message, and since when the first does."""
        ...

    async def receipt(self, message_id: str) -> Receipt | None:
        """Return what is known of a message, None once it is forgotten."""
        ...

    async def begin_reply(self, entry: InboxEntry, reply: BegunReply) -> None:
        """Note what is about to be sent, so that only one process sends it.

        Raises:
            ConditionFailed: a reply was begun or the message is answered already.
        """
        ...

    async def note_parts_sent(self, entry: InboxEntry, parts_sent: int) -> None:
        """Note how many parts of the begun reply were accepted."""
        ...

    async def note_uncertain(self, entry: InboxEntry) -> None:
        """Note that the next part of the begun reply may have been accepted."""
        ...

    async def finish(self, entries: Sequence[InboxEntry], state: ReceiptState) -> None:
        """Mark the messages, of which the first carries the begun reply, as done with."""
        ...


class WhatsAppPeople(Protocol):
    """Who writes: their one key, their session, and which process may answer them now."""

    async def person_of(self, sender: SenderIdentity) -> str:
        """Return the key of the sender, the same for their number and business-scoped id."""
        ...

    async def link(self, change: IdentityChange) -> None:
        """Let someone who is known go on under their new identifiers; unknown people change nothing."""
        ...

    async def address_of(self, person: str) -> SenderIdentity | None:
        """Return how the person is reached now, None where their number is somebody else's."""
        ...

    async def lock(self, person: str, owner: str, seconds: float) -> PersonLock | LockRefused:
        """Take the right to answer the person for some seconds, unless another has it."""
        ...

    async def answers_of(self, person: str) -> RecentAnswers:
        """Return which answers were sent to the person last, as far as it is noted yet."""
        ...

    async def extend(
        self, person: str, owner: str, seconds: float, answers: RecentAnswers | None = None
    ) -> None:
        """Keep the lock for some seconds from now, and note which answers were sent, if any.

        Raises:
            ConditionFailed: it was lost.
        """
        ...

    async def save_session(self, person: str, owner: str, session: Session | None) -> None:
        """Remember the session, or forget it, while holding the lock.

        Raises:
            ConditionFailed: the lock was lost.
        """
        ...

    async def forget_interruptions(self, person: str, owner: str) -> None:
        """Count from this holder on how many in a row never gave the lock back.

        Raises:
            ConditionFailed: the lock was lost.
        """
        ...

    async def unlock(
        self,
        person: str,
        owner: str,
        session: Session | None,
        answers: RecentAnswers | None = None,
    ) -> None:
        """Give the lock back after work well done, with the session's last activity and the answers.

        Raises:
            ConditionFailed: it was lost.
        """
        ...

    async def postpone(
        self,
        person: str,
        owner: str,
        failures: int,
        seconds: float,
        answers: RecentAnswers | None = None,
    ) -> None:
        """Give the lock back after a failure, so that nobody takes it before some seconds passed.

        Raises:
            ConditionFailed: it was lost.
        """
        ...
