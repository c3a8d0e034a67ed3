"""Tables for the tests, and what really lies in them."""

import uuid
from dataclasses import dataclass
from typing import Any

from aiobotocore.session import AioSession

from infra.dynamodb.table import ensure_table
from tests.support.background_loop import BackgroundLoop

RawItem = dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class TableDescription:
    """A table's keys with their kinds, its billing mode, and the attribute of its expiry."""

    keys: dict[str, str]
    billing: str
    expires_by: str | None


class Tables:
    """Tables at one endpoint, seen without the bot's own client."""

    def __init__(self, endpoint: str) -> None:
        self._background = BackgroundLoop()
        self._context = AioSession().create_client(
            "dynamodb",
            region_name="us-east-1",
            endpoint_url=endpoint,
            aws_access_key_id="local",
            aws_secret_access_key="local",
        )
        self._client: Any = self._background.run(self._context.__aenter__())

    def create(self) -> str:
        """Create a table as the bot does; returns its name."""
        name = f"test-{uuid.uuid4().hex}"
        self._background.run(ensure_table(self._client, name))
        return name

    def items(self, table: str) -> list[RawItem]:
        """Return every item of a small table, each attribute with its DynamoDB type."""
        page = self._background.run(self._client.scan(TableName=table, ConsistentRead=True))
        items: list[RawItem] = page["Items"]
        return items

    def get(self, table: str, partition_key: str, sort_key: str) -> RawItem:
        """Return one item, which is there."""
        key = {"partition_key": {"S": partition_key}, "sort_key": {"S": sort_key}}
        answer = self._background.run(
            self._client.get_item(TableName=table, Key=key, ConsistentRead=True)
        )
        item: RawItem = answer["Item"]
        return item

    def put(self, table: str, item: RawItem) -> None:
        """Write an item past the bot."""
        self._background.run(self._client.put_item(TableName=table, Item=item))

    def describe(self, table: str) -> TableDescription:
        """Return what DynamoDB says about a table."""
        described = self._background.run(self._client.describe_table(TableName=table))["Table"]
        expiry = self._background.run(self._client.describe_time_to_live(TableName=table))
        return TableDescription(
            keys={key["AttributeName"]: key["KeyType"] for key in described["KeySchema"]},
            billing=described["BillingModeSummary"]["BillingMode"],
            expires_by=expiry["TimeToLiveDescription"].get("AttributeName"),
        )

    def close(self) -> None:
        """Close the client."""
        self._background.run(self._context.__aexit__(None, None, None))
        self._background.close()
