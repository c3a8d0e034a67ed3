"""What the hand-over needs of the store; every method raises StorageUnavailable when it cannot."""

from typing import Protocol

from app.core.ports.chat_storage import ListingRequest
from domain.dto.backlog import Backlog
from domain.dto.chat import Page
from domain.dto.handoff import OperatorAction, Ticket, TicketReference


class TicketStorage(Protocol):
    """Durable tickets, from the hand-over of a chat to its release."""

    async def open(self, ticket: Ticket) -> None:
        """Record the ticket; from then on the chat reads as handed over."""
        ...

    async def find_open(self, chat_id: str) -> Ticket | None:
        """Return the chat's open ticket, or None."""
        ...

    async def list_open(self, listing: ListingRequest) -> Page[Ticket]:
        """Return open tickets, the oldest first."""
        ...

    async def backlog(self) -> Backlog:
        """Return how many tickets are open, up to some thousands, and since when a user waits."""
        ...

    async def user_waits(self, chat_id: str, ticket: TicketReference, since: str) -> None:
        """Record that the user wrote; whoever waits already has waited since then."""
        ...

    async def operator_answered(self, ticket: Ticket) -> None:
        """Record that the user does not wait any more."""
        ...

    async def close(self, ticket: Ticket, operator: str, at: str) -> None:
        """Give the chat back to the bot; repeating it changes nothing."""
        ...

    async def record(self, action: OperatorAction) -> None:
        """Keep for the audit what an operator did."""
        ...
