"""The limit per user in the single table: one counter item for each user and minute.

Access pattern: UpdateItem, P = LIMIT#<user>, S = MINUTE#<epoch minute>; one write of 1 unit a turn,
none with the limit off. The items expire by themselves.
"""

import time

from app.core.ports.rate_limiter import RateLimiter
from domain.exceptions.storage import ConditionFailed
from domain.keys import escape_key_part
from infra.dynamodb.dynamodb_client import DynamoDBClient, Key

_WINDOW_SECONDS = 60


class RateLimitRepository(RateLimiter):
    """RateLimiter on DynamoDB; a limit of 0 admits everything."""

    def __init__(self, dynamodb: DynamoDBClient, turns_per_minute: int) -> None:
        self._dynamodb = dynamodb
        self._turns_per_minute = turns_per_minute

    async def admit(self, user_id: str) -> bool:
        if self._turns_per_minute == 0:
            return True
        minute = int(time.time()) // _WINDOW_SECONDS
        key = Key(f"LIMIT#{escape_key_part(user_id)}", f"MINUTE#{minute}")
        try:
            await self._dynamodb.update(
                key,
                "SET turns = if_not_exists(turns, :none) + :one, expires_at = :expires_at",
                {
                    ":none": 0,
                    ":one": 1,
                    ":expires_at": (minute + 2) * _WINDOW_SECONDS,
                    ":limit": self._turns_per_minute,
                },
                condition="attribute_not_exists(turns) OR turns < :limit",
            )
        except ConditionFailed:
            return False
        return True
