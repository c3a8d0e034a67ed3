"""What an interrupted or failed operation left of a stack, and how to go on from there."""

from typing import Any

from botocore.exceptions import ClientError

from scripts.deployment import texts
from scripts.deployment.account import Account, error_code
from scripts.deployment.console import Console
from scripts.deployment.errors import DeploymentError
from scripts.deployment.stacks import TABLE_TYPE, Stack, Stacks

_LEFTOVERS = {
    "REVIEW_IN_PROGRESS": texts.HALF_REVIEW,
    "ROLLBACK_COMPLETE": texts.HALF_ROLLED_BACK,
    "ROLLBACK_FAILED": texts.HALF_ROLLED_BACK,
    "CREATE_FAILED": texts.HALF_ROLLED_BACK,
    "DELETE_FAILED": texts.HALF_DELETED,
}


def make_way(account: Account, stacks: Stacks, console: Console, name: str) -> Stack | None:
    """Return the stack if it can be updated, None if one can be made anew.

    What is left of a failed attempt is removed after a question, if it holds no data.

    Raises:
        DeploymentError: an operation is under way, data would be lost, or the answer was no.
    """
    stack = stacks.find(name)
    if stack is None or stack.is_sound:
        return stack
    if stack.is_busy:
        raise DeploymentError(texts.STACK_BUSY.format(stack=name, status=stack.status))
    if stack.status in _LEFTOVERS:
        _remove(account, stacks, console, stack)
        return None
    return _continue_rollback(stacks, console, stack)


def _remove(account: Account, stacks: Stacks, console: Console, stack: Stack) -> None:
    console.say(_LEFTOVERS[stack.status].format(stack=stack.name, status=stack.status))
    dynamodb = account.client("dynamodb")
    for part in stacks.resources(stack.stack_id):
        is_table = part.resource_type == TABLE_TYPE and part.physical_id
        if is_table and _has_items(dynamodb, part.physical_id):
            raise DeploymentError(
                texts.HALF_WITH_DATA.format(stack=stack.name, table=part.physical_id)
            )
    if not console.confirm(texts.REMOVE_HALF.format(stack=stack.name)):
        raise DeploymentError(texts.NOTHING_DONE)
    stacks.delete(stack)


def _has_items(dynamodb: Any, table: str) -> bool:
    try:
        found = dynamodb.scan(TableName=table, Limit=1, Select="COUNT")
    except ClientError as error:
        if error_code(error) == "ResourceNotFoundException":
            return False
        raise
    return bool(found["Count"])


def _continue_rollback(stacks: Stacks, console: Console, stack: Stack) -> Stack:
    console.say(texts.HALF_UPDATED.format(stack=stack.name, status=stack.status))
    if not console.confirm(texts.CONTINUE_ROLLBACK.format(stack=stack.name)):
        raise DeploymentError(texts.NOTHING_DONE)
    before = stacks.newest_event(stack)
    stacks.client.continue_update_rollback(StackName=stack.stack_id)
    end = stacks.follow(stack, before)
    now = stacks.find(stack.stack_id)
    if now is None or not now.is_sound:
        raise DeploymentError(texts.ROLLBACK_STUCK.format(stack=stack.name, status=end.status))
    return now
