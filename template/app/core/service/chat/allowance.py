"""How much a user may ask, and how long a chat may become."""

from dataclasses import dataclass

from app.core.errors import business_error
from app.core.ports.daily_budget import DailyBudget
from app.core.ports.rate_limiter import RateLimiter
from domain.dto.chat import Spending


@dataclass(frozen=True, slots=True)
class ChatBudget:
    """What one chat may use altogether; 0 sets no limit."""

    turns: int
    tokens: int


class Allowance:
    """The limits of a turn, before it costs anything."""

    def __init__(
        self, rate_limiter: RateLimiter, daily_budget: DailyBudget, chat_budget: ChatBudget
    ) -> None:
        self._rate_limiter = rate_limiter
        self._daily_budget = daily_budget
        self._chat_budget = chat_budget

    async def admit(self, user_id: str) -> None:
        """Count a message of the user's.

        Raises:
            BusinessException: `rate_limited`.
        """
        if not await self._rate_limiter.admit(user_id):
            raise business_error("rate_limited")

    async def check(self, user_id: str, chat: Spending) -> None:
        """Count a turn of the bot's, if the chat and the user may have one.

        Raises:
            BusinessException: `chat_budget_spent` or `user_budget_spent`.
        """
        budget = self._chat_budget
        if 0 < budget.turns <= chat.turns or 0 < budget.tokens <= chat.tokens:
            raise business_error("chat_budget_spent")
        if not await self._daily_budget.admit(user_id):
            raise business_error("user_budget_spent")

    async def spend(self, user_id: str, tokens: int) -> None:
        """Count what a turn used."""
        await self._daily_budget.spend(user_id, tokens)
