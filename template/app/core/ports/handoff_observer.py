"""Who wants to know that a chat was handed over: metrics, for one; a pager or a chat room of yours."""

from typing import Protocol

from domain.dto.handoff import Ticket


class HandoffObserver(Protocol):
    """Is told of hand-overs, without ever waiting."""

    def handed_over(self, ticket: Ticket) -> None:
        """A person is asked to go on with a chat."""
        ...

    def released(self, ticket: Ticket) -> None:
        """The chat is given back to the bot."""
        return
