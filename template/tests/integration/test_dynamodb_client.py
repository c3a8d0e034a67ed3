"""The client of the table, where DynamoDB does less than it was asked."""

from collections.abc import AsyncIterator, Iterator

import pytest

from domain.exceptions.storage import StorageUnavailable
from infra.aws.aws_connection import AwsConnection, AwsOptions
from infra.dynamodb.dynamodb_client import DynamoDBClient, Item, Key
from tests.support.table_proxy import TableProxy

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
