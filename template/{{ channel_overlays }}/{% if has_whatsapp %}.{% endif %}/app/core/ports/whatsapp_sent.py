"""What operators' messages became at Meta; every method raises StorageUnavailable."""

from typing import Protocol

from domain.dto.whatsapp_sent import SentMessage


class SentMessages(Protocol):
    """Messages by the id that Meta gave them, for as long as it reports what became of them."""

    async def remember(self, message_id: str, message: SentMessage) -> int | None:
        """Keep which message of an operator this is; returns the code of a failure noted before."""
        ...

    async def note_failure(self, message_id: str, code: int) -> bool:
        """Keep that it was not delivered; False if it is an operator's, or was noted before."""
        ...

    async def find(self, message_id: str) -> SentMessage | None:
        """Return which message of an operator this is, None if it is none."""
        ...

    async def mark(self, message: SentMessage, before: str, delivery: str) -> bool:
        """Show how far the message came; False if it does not stand at `before` any more."""
        ...
