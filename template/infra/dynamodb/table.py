"""The one definition of the table."""

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from domain.exceptions.storage import StorageUnavailable

PARTITION_KEY = "partition_key"
SORT_KEY = "sort_key"
TTL_ATTRIBUTE = "expires_at"

# Named as DynamoDB's API names it, and CloudFormation alike.
TABLE_DEFINITION: dict[str, Any] = {
    "BillingMode": "PAY_PER_REQUEST",
    "AttributeDefinitions": [
        {"AttributeName": PARTITION_KEY, "AttributeType": "S"},
        {"AttributeName": SORT_KEY, "AttributeType": "S"},
    ],
    "KeySchema": [
        {"AttributeName": PARTITION_KEY, "KeyType": "HASH"},
        {"AttributeName": SORT_KEY, "KeyType": "RANGE"},
    ],
    "TimeToLiveSpecification": {"Enabled": True, "AttributeName": TTL_ATTRIBUTE},
    "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
}

# What CreateTable takes; the rest of the definition is given to the table once it is there.
_AT_CREATION = ("BillingMode", "AttributeDefinitions", "KeySchema")
_CREATE_TIMEOUT_SECONDS = 60


async def ensure_table(client: Any, table: str) -> list[str]:
    """Create the table if it is missing, with expiry and recovery; safe to repeat.

    Args:
        client: an open aiobotocore DynamoDB client.

    Returns:
        One line for each step, for a person to read.

    Raises:
        StorageUnavailable: DynamoDB refused a step or is out of reach.
    """
    try:
        return await _ensure(client, table)
    except (BotoCoreError, ClientError, OSError) as error:
        raise StorageUnavailable(str(error)) from error


async def _ensure(client: Any, table: str) -> list[str]:
    steps = [await _create(client, table)]
    await client.get_waiter("table_exists").wait(
        TableName=table, WaiterConfig={"Delay": 1, "MaxAttempts": _CREATE_TIMEOUT_SECONDS}
    )
    steps.append(await _enable_expiry(client, table))
    steps.append(await _enable_recovery(client, table))
    return steps


async def _create(client: Any, table: str) -> str:
    try:
        await client.create_table(
            TableName=table, **{name: TABLE_DEFINITION[name] for name in _AT_CREATION}
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceInUseException":
            raise
        return f"table {table}: exists"
    return f"table {table}: created"


async def _enable_expiry(client: Any, table: str) -> str:
    described = await client.describe_time_to_live(TableName=table)
    if described["TimeToLiveDescription"]["TimeToLiveStatus"] in ("ENABLED", "ENABLING"):
        return f"expiry of items by {TTL_ATTRIBUTE}: on"
    await client.update_time_to_live(
        TableName=table, TimeToLiveSpecification=TABLE_DEFINITION["TimeToLiveSpecification"]
    )
    return f"expiry of items by {TTL_ATTRIBUTE}: turned on"


async def _enable_recovery(client: Any, table: str) -> str:
    try:
        await client.update_continuous_backups(
            TableName=table,
            PointInTimeRecoverySpecification=TABLE_DEFINITION["PointInTimeRecoverySpecification"],
        )
    except ClientError as error:
        # DynamoDB Local has no backups: botocore reads its answer as an unknown operation.
        if error.response["Error"]["Code"] != "UnknownOperationException":
            raise
        return "point-in-time recovery: skipped, this endpoint does not have it"
    return "point-in-time recovery: on"
