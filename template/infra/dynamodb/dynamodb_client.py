"""Async access to the one table: plain Python values in and out, typed errors."""

import asyncio
import random
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from aiobotocore.config import AioConfig
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as NotConnectedError

from app.core.ports.table_observer import TableObserver, TableOutcome
from domain.exceptions.storage import ConditionFailed, ItemTooLarge, StorageUnavailable
from infra.aws.aws_connection import AwsConnection
from infra.dynamodb.table import PARTITION_KEY, SORT_KEY, ensure_table

Value = str | int | bool | bytes | None
Item = dict[str, Value]

# DynamoDB counts the UTF-8 bytes of names and values; 400 KB is its limit for an item.
_MAX_ITEM_BYTES = 400 * 1024
# A table on demand that grows refuses for a moment; five attempts wait 0.75 s at most in between.
_ATTEMPTS = 5
_BACKOFF_SECONDS = 0.05
# Each of these may take the whole of its time-out.
_ATTEMPTS_AT_A_LOST_CONNECTION = 3
_THROTTLING = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ThrottlingException",
        "ThrottledException",
    }
)

_API_NAMES = {
    "batch_write_item": "BatchWriteItem",
    "delete_item": "DeleteItem",
    "get_item": "GetItem",
    "put_item": "PutItem",
    "query": "Query",
    "scan": "Scan",
    "update_item": "UpdateItem",
}
_READING = frozenset({"get_item", "query", "scan"})

_CONFIG = AioConfig(
    connect_timeout=2,
    read_timeout=5,
    max_pool_connections=200,
    # The client repeats by itself, see _call: botocore gives up a throttled request after three.
    retries={"mode": "standard", "total_max_attempts": 1},
)


@dataclass(frozen=True, slots=True)
class Key:
    """Where an item is."""

    partition: str
    sort: str

    def attributes(self) -> Item:
        return {PARTITION_KEY: self.partition, SORT_KEY: self.sort}


class DynamoDBClient:
    """The table's operations; every read is consistent unless it says otherwise.

    Every operation raises StorageUnavailable when the table does not answer within its bounded
    retries, and ConditionFailed when the write's condition does not hold.
    """

    def __init__(
        self, connection: AwsConnection, table: str, observer: TableObserver | None = None
    ) -> None:
        self._connection = connection
        self._table = table
        self._observer = observer
        self._client: Any = None

    async def start(self) -> None:
        """Open the client; a table on this machine is created if it is missing."""
        self._client = await self._connection.dynamodb(_CONFIG)
        if self._connection.is_local_table:
            await self.ensure_table()

    async def stop(self) -> None:
        """Nothing to do: the connection closes the client."""

    async def ensure_table(self) -> list[str]:
        """Create the table if it is missing; returns one line for each step."""
        return await ensure_table(self._client, self._table)

    async def probe(self) -> None:
        """Read an item that does not exist, half a read unit, to see the table answer."""
        await self.get(Key("PROBE", "PROBE"), consistent=False)

    async def get(self, key: Key, *, consistent: bool = True) -> Item | None:
        """Return the item at the key, or None."""
        response = await self._call(
            "get_item", Key=_serialize(key.attributes()), ConsistentRead=consistent
        )
        return _deserialize(response["Item"]) if "Item" in response else None

    async def put(
        self, item: Item, *, condition: str | None = None, values: Mapping[str, Value] | None = None
    ) -> None:
        """Write the whole item.

        Raises:
            ItemTooLarge: it is over 400 KB; nothing was sent.
        """
        refuse_too_large([item])
        await self._call("put_item", Item=_serialize(item), **_condition(condition, values))

    async def put_many(self, items: Sequence[Item]) -> None:
        """Write up to 25 whole items in one request, each on its own.

        Raises:
            ItemTooLarge: one is over 400 KB; nothing was sent.
            StorageUnavailable: some were refused on every attempt.
        """
        refuse_too_large(items)
        await self._write_many([{"PutRequest": {"Item": _serialize(item)}} for item in items])

    async def delete_many(self, keys: Sequence[Key]) -> None:
        """Remove up to 25 items in one request; removing nothing is no error.

        Raises:
            StorageUnavailable: some were refused on every attempt.
        """
        serialized = [_serialize(key.attributes()) for key in keys]
        await self._write_many([{"DeleteRequest": {"Key": key}} for key in serialized])

    async def _write_many(self, requests: list[dict[str, Any]]) -> None:
        waiting: Any = {self._table: requests}
        for attempt in range(_ATTEMPTS):
            if attempt:
                await _wait_before(attempt)
            response = await self._call("batch_write_item", with_table=False, RequestItems=waiting)
            waiting = response.get("UnprocessedItems")
            if not waiting:
                return
        raise StorageUnavailable("BatchWriteItem left items unprocessed")

    async def update(
        self,
        key: Key,
        expression: str,
        values: Mapping[str, Value],
        *,
        condition: str | None = None,
        names: Mapping[str, str] | None = None,
        returned: Literal["ALL_NEW", "NONE"] = "ALL_NEW",
    ) -> Item:
        """Change the item by an UpdateExpression; returns its attributes afterwards, or none."""
        arguments: dict[str, Any] = {"UpdateExpression": expression, "ReturnValues": returned}
        if names:
            arguments["ExpressionAttributeNames"] = dict(names)
        response = await self._call(
            "update_item",
            Key=_serialize(key.attributes()),
            **arguments,
            **_condition(condition, values),
        )
        return _deserialize(response.get("Attributes", {}))

    async def delete(
        self, key: Key, *, condition: str | None = None, values: Mapping[str, Value] | None = None
    ) -> None:
        """Remove the item at the key; removing nothing is no error."""
        await self._call(
            "delete_item", Key=_serialize(key.attributes()), **_condition(condition, values)
        )

    async def query(
        self,
        partition: str,
        *,
        prefix: str,
        limit: int,
        newest_first: bool = False,
        after: str | None = None,
        attributes: Sequence[str] = (),
    ) -> tuple[list[Item], bool]:
        """Return up to `limit` items of a partition whose sort key starts with the prefix.

        Args:
            after: the sort key after which to continue, in the direction asked for.
            attributes: those to return, for less to transfer and to read; all if empty.

        Returns:
            The items, and whether more may follow.
        """
        items: list[Item] = []
        options: dict[str, Any] = {}
        if attributes:
            names = {f"#{number}": name for number, name in enumerate(attributes)}
            options["ProjectionExpression"] = ", ".join(names)
            options["ExpressionAttributeNames"] = names
        start = None if after is None else _serialize(Key(partition, after).attributes())
        while True:
            if start is not None:
                options["ExclusiveStartKey"] = start
            response = await self._call(
                "query",
                KeyConditionExpression=f"{PARTITION_KEY} = :p AND begins_with({SORT_KEY}, :s)",
                ExpressionAttributeValues=_serialize({":p": partition, ":s": prefix}),
                Limit=limit - len(items),
                ScanIndexForward=not newest_first,
                ConsistentRead=True,
                **options,
            )
            items += [_deserialize(item) for item in response["Items"]]
            start = response.get("LastEvaluatedKey")
            if start is None or len(items) >= limit:
                return items, start is not None

    async def all_of(self, partition: str) -> AsyncGenerator[Item, None]:
        """Yield every item of a partition, page by page."""
        condition = f"{PARTITION_KEY} = :p"
        async for item in self._pages("query", {":p": partition}, KeyConditionExpression=condition):
            yield item

    async def scan(self, condition: str, values: Mapping[str, Value]) -> AsyncGenerator[Item, None]:
        """Yield every item of the table for which the FilterExpression holds.

        It reads the whole table: for scripts of administrators, never for the bot, whose role
        may not.
        """
        async for item in self._pages("scan", values, FilterExpression=condition):
            yield item

    async def _pages(
        self, operation: str, values: Mapping[str, Value], **arguments: Any
    ) -> AsyncGenerator[Item, None]:
        start: dict[str, Any] = {}
        while True:
            response = await self._call(
                operation,
                ExpressionAttributeValues=_serialize(values),
                ConsistentRead=True,
                **arguments,
                **start,
            )
            for item in response["Items"]:
                yield _deserialize(item)
            if "LastEvaluatedKey" not in response:
                return
            start = {"ExclusiveStartKey": response["LastEvaluatedKey"]}

    async def _call(self, operation: str, *, with_table: bool = True, **arguments: Any) -> Any:
        if with_table:
            arguments["TableName"] = self._table
        if self._observer is not None:
            arguments["ReturnConsumedCapacity"] = "TOTAL"
        attempt = 0
        while True:
            attempt += 1
            try:
                response = await getattr(self._client, operation)(**arguments)
            except ClientError as error:
                code = error.response.get("Error", {}).get("Code", "")
                self._report(operation, _outcome(error, code))
                if code == "ConditionalCheckFailedException":
                    raise ConditionFailed(operation) from error
                if attempt >= _attempts_after(error, code):
                    raise StorageUnavailable(f"{operation}: {code}") from error
            except (BotoCoreError, OSError, TimeoutError) as error:
                self._report(operation, TableOutcome.UNAVAILABLE)
                is_lost = isinstance(error, NotConnectedError | HTTPClientError | OSError)
                if not is_lost or attempt >= _ATTEMPTS_AT_A_LOST_CONNECTION:
                    raise StorageUnavailable(f"{operation}: {type(error).__name__}") from error
            else:
                self._report(operation, TableOutcome.ANSWERED, _consumed_units(response))
                return response
            await _wait_before(attempt)

    def _report(self, operation: str, outcome: TableOutcome, units: float = 0.0) -> None:
        if self._observer is None:
            return
        kind = "read_units" if operation in _READING else "write_units"
        self._observer.table_asked(_API_NAMES[operation], outcome, **{kind: units})


def _outcome(error: ClientError, code: str) -> TableOutcome:
    if code == "ConditionalCheckFailedException":
        return TableOutcome.CONDITION_FAILED
    if code in _THROTTLING:
        return TableOutcome.THROTTLED
    return TableOutcome.UNAVAILABLE if _status(error) >= 500 else TableOutcome.REFUSED


def _consumed_units(response: Mapping[str, Any]) -> float:
    """Return the capacity units of a response; a batch has them by table, a stand-in perhaps none."""
    consumed = response.get("ConsumedCapacity", ())
    tables = [consumed] if isinstance(consumed, dict) else consumed
    return sum(float(table.get("CapacityUnits", 0.0)) for table in tables)


def _attempts_after(error: ClientError, code: str) -> int:
    """Return how often in all a request is made that was answered like this."""
    if code in _THROTTLING:
        return _ATTEMPTS
    return _ATTEMPTS_AT_A_LOST_CONNECTION if _status(error) >= 500 else 1


def _status(error: ClientError) -> int:
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


async def _wait_before(attempt: int) -> None:
    """Wait before a further attempt: longer each time, and no two callers alike."""
    await asyncio.sleep(random.uniform(0, _BACKOFF_SECONDS * 2 ** (attempt - 1)))  # noqa: S311


def _condition(condition: str | None, values: Mapping[str, Value] | None) -> dict[str, Any]:
    arguments: dict[str, Any] = {}
    if condition is not None:
        arguments["ConditionExpression"] = condition
    if values:
        arguments["ExpressionAttributeValues"] = _serialize(values)
    return arguments


def _serialize(item: Mapping[str, Value]) -> dict[str, Any]:
    return {name: _attribute(value) for name, value in item.items()}


def _attribute(value: Value) -> dict[str, Any]:
    """Return the wire form of a value; boto3's own serializer takes ten times as long for these."""
    if isinstance(value, str):
        return {"S": value}
    if value is None:
        return {"NULL": True}
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, bytes):
        return {"B": value}
    return {"N": str(value)}


def _deserialize(item: Mapping[str, dict[str, Any]]) -> Item:
    return {name: _value(attribute) for name, attribute in item.items()}


def _value(attribute: dict[str, Any]) -> Value:
    for kind, value in attribute.items():
        if kind == "S":
            text: str = value
            return text
        if kind == "BOOL":
            return bool(value)
        if kind == "N":
            return int(value)
        if kind == "B":
            return bytes(value)
    return None


def refuse_too_large(items: Sequence[Item]) -> None:
    """Let items pass that DynamoDB takes.

    Raises:
        ItemTooLarge: one is over 400 KB.
    """
    for item in items:
        size = sum(len(name.encode()) + _size(value) for name, value in item.items())
        if size > _MAX_ITEM_BYTES:
            raise ItemTooLarge(f"{size} bytes are over DynamoDB's limit of {_MAX_ITEM_BYTES}")


def _size(value: Value) -> int:
    if isinstance(value, str):
        return len(value.encode())
    return len(value) if isinstance(value, bytes) else 8
