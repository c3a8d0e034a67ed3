import asyncio
import time

import pytest

from infra.dynamodb.dynamodb_client import DynamoDBClient
from infra.repositories.rate_limit_repository import RateLimitRepository
from tests.support.tables import Tables

NOON = 1_900_000_000.0 - 1_900_000_000 % 60


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time of day in seconds; a test moves it by writing another."""
    now = [NOON]
    monkeypatch.setattr("infra.repositories.rate_limit_repository.time.time", lambda: now[0])
    return now


async def test_a_user_has_so_many_turns_a_minute_and_others_have_their_own(
    dynamodb: DynamoDBClient, clock: list[float]
) -> None:
    limiter = RateLimitRepository(dynamodb, 3)
    assert [await limiter.admit("ana") for _ in range(5)] == [True, True, True, False, False]
    assert await limiter.admit("eva")
    clock[0] += 60
    assert await limiter.admit("ana")


async def test_turns_at_once_over_several_replicas_are_never_more_than_the_limit(
    dynamodb: DynamoDBClient, clock: list[float]
) -> None:
    replicas = [RateLimitRepository(dynamodb, 5) for _ in range(4)]
    admitted = await asyncio.gather(*(r.admit("ana") for r in replicas for _ in range(5)))
    assert sum(admitted) == 5


async def test_a_limit_of_0_admits_everything_and_writes_nothing(
    dynamodb: DynamoDBClient, tables: Tables, table: str
) -> None:
    limiter = RateLimitRepository(dynamodb, 0)
    assert all([await limiter.admit("ana") for _ in range(100)])
    assert tables.items(table) == []


async def test_a_counter_expires_by_itself_after_its_minute(
    dynamodb: DynamoDBClient, tables: Tables, table: str
) -> None:
    await RateLimitRepository(dynamodb, 3).admit("ana#1")
    (item,) = tables.items(table)
    assert item["partition_key"]["S"] == "LIMIT#ana%231"
    assert item["sort_key"]["S"].startswith("MINUTE#")
    assert time.time() + 60 <= int(item["expires_at"]["N"]) <= time.time() + 120
