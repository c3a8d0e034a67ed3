"""What is known of a client that is connected, while no process holds its connection."""

import time
from dataclasses import dataclass
from enum import StrEnum

from domain.dto.chat import ChatRequest


@dataclass(frozen=True, slots=True)
class Connection:
    """A client's connection.

    `user_id` is the user its credential speaks for, None where each request names one; the credential
    holds until `valid_until` (seconds since the epoch), None for ever. `turn_id` is the turn that runs
    for it, if one does, and `cancelled_turn_id` the one the client gave up.
    """

    connection_id: str
    user_id: str | None
    valid_until: int | None = None
    turn_id: str | None = None
    cancelled_turn_id: str | None = None
    followed_chat_id: str | None = None

    @property
    def has_expired(self) -> bool:
        """Whether its credential holds no longer."""
        return self.valid_until is not None and self.valid_until <= time.time()


class Counted(StrEnum):
    """What a connection may send a limited number of in a while."""

    REFUSAL = "REFUSED"
    FOLLOW = "FOLLOWED"
    FEEDBACK = "RATED"


@dataclass(frozen=True, slots=True)
class TurnOrder:
    """A question that was accepted at a moment (seconds since the epoch), to be answered elsewhere."""

    connection_id: str
    turn_id: str
    accepted_at: float
    request: ChatRequest
