"""A queue of people to answer, which any number of processes take from."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class QueuedMessage:
    """A message as it was taken: hidden from others for a while, then theirs again.

    `receipt` names this very taking; `attempt` counts how often the message was taken.
    """

    body: str
    receipt: str
    attempt: int


@dataclass(frozen=True, slots=True)
class QueueDepth:
    """About how many messages are in the queue: to be taken, and taken or put off until later."""

    waiting: int
    taken: int


class PersonQueue(Protocol):
    """One person's messages come in order, one process at a time; see domain/dto/whatsapp_wake.py.

    Every method but `is_short` raises QueueUnavailable.
    """

    async def open(self) -> None:
        """Get ready; the other methods do it by themselves if this was not called."""
        ...

    async def send(self, person: str) -> None:
        """Put the person at the end."""
        ...

    async def send_once_in_a_while(self, person: str) -> None:
        """Put the person at the end, unless this was done by anybody in the last minute."""
        ...

    async def receive(self, limit: int) -> Sequence[QueuedMessage]:
        """Take up to `limit` messages, 10 at most; waits up to 10 s for the first."""
        ...

    async def hold(self, receipt: str) -> None:
        """Keep a taken message from others for as long again as when it was taken."""
        ...

    async def postpone(self, receipt: str, seconds: float) -> None:
        """Give a taken message back, so that nobody takes it before some seconds have passed."""
        ...

    async def delete(self, receipt: str) -> None:
        """Remove a taken message for good."""
        ...

    async def depth(self) -> QueueDepth:
        """Count the messages, approximately."""
        ...

    async def is_short(self) -> bool:
        """Tell whether whoever is put in now is soon taken out; true where that is not known."""
        ...
