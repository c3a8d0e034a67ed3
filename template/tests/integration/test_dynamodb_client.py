"""The client of the table, where DynamoDB does less than it was asked."""

from collections.abc import AsyncIterator, Iterator
from contextlib import suppress

import pytest

from app.core.ports.table_observer import TableObserver, TableOutcome
from domain.exceptions.storage import ConditionFailed, StorageError, StorageUnavailable
from infra.aws.aws_connection import AwsConnection, AwsOptions
from infra.dynamodb.dynamodb_client import DynamoDBClient, Item, Key
from tests.support.table_proxy import Mood, TableProxy

KEYS = [Key("P", f"S#{number:02}") for number in range(25)]
ITEMS: list[Item] = [key.attributes() for key in KEYS]


@pytest.fixture
def proxy(dynamodb_endpoint: str) -> Iterator[TableProxy]:
    server = TableProxy(dynamodb_endpoint)
    yield server
    server.close()


@pytest.fixture
async def client(proxy: TableProxy, table: str) -> AsyncIterator[DynamoDBClient]:
    connection = AwsConnection(AwsOptions("us-east-1", dynamodb_endpoint_url=proxy.url))
    client = DynamoDBClient(connection, table)
    await client.start()
    yield client
    await connection.stop()


async def stored(client: DynamoDBClient) -> list[Item]:
    return [item async for item in client.all_of("P")]


async def test_what_a_batch_leaves_undone_is_asked_for_again(
    client: DynamoDBClient, proxy: TableProxy
) -> None:
    proxy.half_done_batches = 3
    await client.put_many(ITEMS)
    assert await stored(client) == ITEMS

    proxy.half_done_batches = 3
    await client.delete_many(KEYS)
    assert await stored(client) == []


async def test_a_batch_that_is_never_done_is_told_to_the_caller(
    client: DynamoDBClient, proxy: TableProxy
) -> None:
    proxy.half_done_batches = 5
    with pytest.raises(StorageUnavailable, match="unprocessed"):
        await client.put_many(ITEMS)


class Observer(TableObserver):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, TableOutcome, float, float]] = []

    def table_asked(
        self,
        operation: str,
        outcome: TableOutcome,
        *,
        read_units: float = 0.0,
        write_units: float = 0.0,
    ) -> None:
        self.told.append((operation, outcome, read_units, write_units))


async def test_every_request_is_reported_with_its_outcome_and_units(
    proxy: TableProxy, table: str
) -> None:
    observer = Observer()
    connection = AwsConnection(AwsOptions("us-east-1", dynamodb_endpoint_url=proxy.url))
    client = DynamoDBClient(connection, table, observer)
    await client.start()
    await client.put_many(ITEMS)
    await client.query("P", prefix="S", limit=25)
    with suppress(ConditionFailed):
        await client.put(ITEMS[0], condition="attribute_not_exists(partition_key)")
    proxy.throttles_each = 1
    await client.get(KEYS[0])
    await client.probe()
    proxy.throttles_each = 0
    proxy.mood = Mood.AWAY
    with suppress(StorageError):
        await client.delete(KEYS[0])
    await connection.stop()

    answered, throttled = TableOutcome.ANSWERED, TableOutcome.THROTTLED
    assert observer.told == [
        ("BatchWriteItem", answered, 0.0, 25.0),
        ("Query", answered, 1.0, 0.0),
        ("PutItem", TableOutcome.CONDITION_FAILED, 0.0, 0.0),
        ("GetItem", throttled, 0.0, 0.0),
        ("GetItem", answered, 1.0, 0.0),
        ("GetItem", throttled, 0.0, 0.0),
        ("GetItem", answered, 0.5, 0.0),
        *[("DeleteItem", TableOutcome.UNAVAILABLE, 0.0, 0.0)] * 3,
    ]
