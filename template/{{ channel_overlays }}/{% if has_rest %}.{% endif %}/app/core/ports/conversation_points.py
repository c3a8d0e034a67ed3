"""What is needed of the store to find the chat of a conversation that is sent again."""

from typing import Protocol

from domain.dto.conversation import ConversationPoint


class ConversationPoints(Protocol):
    """Points of users' conversations, by the digest of what was said until there."""

    async def find(self, user_id: str, digest: str) -> ConversationPoint | None:
        """Return the point, or None; raises StorageUnavailable when it cannot tell."""
        ...

    async def save(self, user_id: str, points: dict[str, ConversationPoint]) -> None:
        """Store the points by their digests; raises StorageUnavailable when it cannot."""
        ...

    async def branch(self, user_id: str, point: ConversationPoint, branch_id: str) -> bool:
        """Copy the chat, up to the point, to a new one; the same again where it was done before.

        Returns:
            False, and nothing is copied, while a person has the chat.

        Raises:
            StorageUnavailable: nothing, or only a part, is copied.
        """
        ...
