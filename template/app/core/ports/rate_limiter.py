"""What the services need of the limit per user."""

from typing import Protocol


class RateLimiter(Protocol):
    """Counts the turns of a user, over all replicas."""

    async def admit(self, user_id: str) -> bool:
        """Count one turn; False if the user has had as many as are allowed in this minute."""
        ...
