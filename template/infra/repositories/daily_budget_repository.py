"""The budget per user and day in the single table: one counter item for each user and day.

Access pattern: UpdateItem, P = LIMIT#<user>, S = DAY#<date, UTC>; one write of 1 unit a turn with a
budget of turns or tokens, one more with a budget of tokens, none without. The items expire.
"""

import time
from datetime import UTC, datetime

from app.core.ports.daily_budget import DailyBudget
from domain.exceptions.storage import ConditionFailed
from domain.keys import escape_key_part
from infra.dynamodb.dynamodb_client import DynamoDBClient, Key, Value

_RETENTION_SECONDS = 2 * 24 * 3600


class DailyBudgetRepository(DailyBudget):
    """DailyBudget on DynamoDB; a budget of 0 sets no limit."""

    def __init__(self, dynamodb: DynamoDBClient, turns: int, tokens: int) -> None:
        self._dynamodb = dynamodb
        self._turns = turns
        self._tokens = tokens

    async def admit(self, user_id: str) -> bool:
        values: dict[str, Value] = {":one": 1, ":expires_at": _expiry()}
        conditions: list[str] = []
        for name, limit in (("turns", self._turns), ("tokens", self._tokens)):
            if limit:
                values[f":{name}"] = limit
                conditions.append(f"(attribute_not_exists({name}) OR {name} < :{name})")
        if not conditions:
            return True
        try:
            await self._dynamodb.update(
                _today_of(user_id),
                "SET expires_at = :expires_at ADD turns :one",
                values,
                condition=" AND ".join(conditions),
                returned="NONE",
            )
        except ConditionFailed:
            return False
        return True

    async def spend(self, user_id: str, tokens: int) -> None:
        if self._tokens and tokens:
            # A turn that ends after midnight is the first thing counted on its day.
            await self._dynamodb.update(
                _today_of(user_id),
                "SET expires_at = :expires_at ADD tokens :spent",
                {":spent": tokens, ":expires_at": _expiry()},
                returned="NONE",
            )


def _expiry() -> int:
    return int(time.time()) + _RETENTION_SECONDS


def _today_of(user_id: str) -> Key:
    return Key(f"LIMIT#{escape_key_part(user_id)}", f"DAY#{datetime.now(UTC):%Y-%m-%d}")
