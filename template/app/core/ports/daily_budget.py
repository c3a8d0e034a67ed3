"""What the budgets need of the store; every method raises StorageUnavailable when it cannot."""

from typing import Protocol


class DailyBudget(Protocol):
    """What one user may use in a day (UTC)."""

    async def admit(self, user_id: str) -> bool:
        """Count a turn of the user's; tell whether they still may have it."""
        ...

    async def spend(self, user_id: str, tokens: int) -> None:
        """Count the tokens of the user's turn."""
        ...
