"""Parts that stay when their stack goes, because their template says so: deleting these too."""

from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from scripts.deployment.account import Account, error_code
from scripts.deployment.stacks import TABLE_TYPE, Resource


def can_delete(part: Resource) -> bool:
    """Whether `delete_part` knows how to delete such a part."""
    return part.resource_type in _DELETERS


def delete_part(account: Account, part: Resource) -> None:
    """Delete the part and what is in it, also if it is protected; nothing if it is gone."""
    _DELETERS[part.resource_type](account, part.physical_id)


def _delete_table(account: Account, name: str) -> None:
    dynamodb = account.client("dynamodb")
    if _if_there(dynamodb.update_table, TableName=name, DeletionProtectionEnabled=False):
        dynamodb.get_waiter("table_exists").wait(TableName=name)
        _if_there(dynamodb.delete_table, TableName=name)


def _delete_user_pool(account: Account, pool_id: str) -> None:
    cognito = account.client("cognito-idp")
    if _if_there(cognito.update_user_pool, UserPoolId=pool_id, DeletionProtection="INACTIVE"):
        _if_there(cognito.delete_user_pool, UserPoolId=pool_id)


def _delete_log_group(account: Account, name: str) -> None:
    _if_there(account.client("logs").delete_log_group, logGroupName=name)


def _if_there(operation: Callable[..., Any], **arguments: object) -> bool:
    """Call the operation; returns whether there was something for it to be done to."""
    try:
        operation(**arguments)
    except ClientError as error:
        if error_code(error) == "ResourceNotFoundException":
            return False
        raise
    return True


_DELETERS: dict[str, Callable[[Account, str], None]] = {
    TABLE_TYPE: _delete_table,
    "AWS::Cognito::UserPool": _delete_user_pool,
    "AWS::Logs::LogGroup": _delete_log_group,
}
