"""Change sets: what an operation would do to a stack, and doing it."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from scripts.deployment import texts
from scripts.deployment.console import Console
from scripts.deployment.errors import DeploymentError
from scripts.deployment.names import SLUG
from scripts.deployment.stacks import TABLE_TYPE, End, Resource, Stack, Stacks

_CHANGE_SET_SECONDS = 300.0
_NOTHING = ("didn't contain changes", "No updates are to be performed")
# What these hold is lost or left behind when they are replaced or removed.
_HOLD_DATA = (
    TABLE_TYPE,
    "AWS::Cognito::UserPool",
    "AWS::S3::Bucket",
    "AWS::SQS::Queue",
    "AWS::ECR::Repository",
)
# Their address is what callers know.
_HAVE_ADDRESS = (
    "AWS::ApiGatewayV2::Api",
    "AWS::Cognito::UserPoolClient",
    "AWS::ElasticLoadBalancingV2::LoadBalancer",
    "AWS::Lambda::Url",
)


class StackFailed(DeploymentError):
    """A stack could not be made or changed; `kept` are parts that were made for it and are left."""

    def __init__(self, message: str, kept: tuple[Resource, ...]) -> None:
        super().__init__(message)
        self.kept = kept


@dataclass(frozen=True, slots=True)
class Change:
    """What happens to one part of a stack; `properties` are what differs in its definition."""

    action: str
    logical_id: str
    resource_type: str
    replacement: str = "False"
    properties: tuple[str, ...] = ()

    @property
    def ends_the_old_one(self) -> bool:
        """Whether the part that is there now goes, or may go."""
        return self.action == "Remove" or self.replacement in ("True", "Conditional")

    @property
    def endangers_data(self) -> bool:
        return self.ends_the_old_one and self.resource_type in _HOLD_DATA

    def __str__(self) -> str:
        sign, word = _words(self)
        line = f"{sign} {word:<{texts.CHANGE_WIDTH}} {self.logical_id} ({self.resource_type})"
        if self.properties:
            line += f": {', '.join(self.properties)}"
        if self.endangers_data:
            line += f"  {texts.DANGER_DATA}"
        elif self.ends_the_old_one and self.resource_type in _HAVE_ADDRESS:
            line += f"  {texts.DANGER_ADDRESS}"
        return line


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a stack is to be; `template` None keeps the one it has.

    Of the parameters in `kept` the stack keeps its value.
    """

    stack_name: str
    template: str | None
    parameters: Mapping[str, str]
    kept: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=lambda: {"project": SLUG})


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """Changes that CloudFormation has worked out and not made yet."""

    change_set_id: str
    stack: Stack
    is_new: bool
    changes: tuple[Change, ...]

    @property
    def dangers(self) -> list[Change]:
        """The changes by which data may be lost."""
        return [change for change in self.changes if change.endangers_data]


class ChangeSets:
    """Works out change sets, executes and discards them."""

    def __init__(self, stacks: Stacks, console: Console, service_role: str | None = None) -> None:
        """`service_role` is the ARN of a role by whose rights CloudFormation makes the changes."""
        self._service_role = service_role
        self._stacks = stacks
        self._console = console
        self._client = stacks.client

    def prepare(self, wanted: Wanted) -> ChangeSet | None:
        """Have the changes worked out; returns None if there is nothing to change.

        Raises:
            DeploymentError: CloudFormation refuses the template or a parameter; nothing is left.
        """
        existing = self._stacks.find(wanted.stack_name)
        is_new = existing is None or existing.is_under_review
        role = {"RoleARN": self._service_role} if self._service_role else {}
        created = self._client.create_change_set(**_request(wanted, is_new), **role)
        described = self._until_ready(created["Id"])
        stack = self._stacks.find(created["StackId"])
        assert stack is not None
        change_set = ChangeSet(created["Id"], stack, is_new, self._changes(created["Id"]))
        if described["Status"] == "CREATE_COMPLETE":
            return change_set
        self.discard(change_set)
        reason = described.get("StatusReason", "")
        if any(words in reason for words in _NOTHING):
            return None
        raise DeploymentError(
            texts.CHANGE_SET_REFUSED.format(stack=wanted.stack_name, reason=reason)
        )

    def execute(self, change_set: ChangeSet) -> Stack:
        """Make the changes, show what happens meanwhile, and return the stack as it is then.

        Raises:
            StackFailed: it failed; CloudFormation has brought back what was before.
        """
        stack, is_new = change_set.stack, change_set.is_new
        before = self._stacks.newest_event(stack)
        self._client.execute_change_set(ChangeSetName=change_set.change_set_id)
        end = self._stacks.follow(stack, before, deletes_on_failure=is_new)
        if end.status not in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
            raise StackFailed(_failure(stack.name, end), end.kept if is_new else ())
        now = self._stacks.find(stack.stack_id)
        assert now is not None
        return now

    def discard(self, change_set: ChangeSet) -> None:
        """Delete the change set, and the empty stack that was made to hold it."""
        self._client.delete_change_set(ChangeSetName=change_set.change_set_id)
        if change_set.is_new:
            self._client.delete_stack(StackName=change_set.stack.stack_id)

    def show(self, change_set: ChangeSet) -> None:
        """Print the changes, a line for each."""
        for change in sorted(change_set.changes, key=lambda change: change.logical_id):
            self._console.say(f"  {change}")

    def _until_ready(self, change_set_id: str) -> dict[str, Any]:
        deadline = time.monotonic() + _CHANGE_SET_SECONDS
        while time.monotonic() < deadline:
            described: dict[str, Any] = self._client.describe_change_set(
                ChangeSetName=change_set_id
            )
            if described["Status"] in ("CREATE_COMPLETE", "FAILED"):
                return described
            time.sleep(self._stacks.poll_seconds)
        raise DeploymentError(
            texts.CHANGE_SET_TOO_SLOW.format(minutes=int(_CHANGE_SET_SECONDS / 60))
        )

    def _changes(self, change_set_id: str) -> tuple[Change, ...]:
        paginator = self._client.get_paginator("describe_change_set")
        return tuple(
            _change(change["ResourceChange"])
            for page in paginator.paginate(ChangeSetName=change_set_id)
            for change in page["Changes"]
            if "ResourceChange" in change
        )


def _request(wanted: Wanted, is_new: bool) -> dict[str, Any]:
    given = [
        {"ParameterKey": name, "ParameterValue": value}
        for name, value in sorted(wanted.parameters.items())
    ]
    kept = [{"ParameterKey": name, "UsePreviousValue": True} for name in wanted.kept]
    request: dict[str, Any] = {
        "StackName": wanted.stack_name,
        "ChangeSetName": f"{SLUG}-{time.time_ns()}",
        "ChangeSetType": "CREATE" if is_new else "UPDATE",
        "Parameters": [*given, *kept],
        "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"],
        "Tags": [{"Key": key, "Value": value} for key, value in wanted.tags.items()],
    }
    if is_new:
        # A stack that could not be made is of no use to anybody and stands in the next one's way.
        request["OnStackFailure"] = "DELETE"
    if wanted.template is None:
        return {**request, "UsePreviousTemplate": True}
    return {**request, "TemplateBody": wanted.template}


def _change(described: Mapping[str, Any]) -> Change:
    targets = [detail.get("Target", {}) for detail in described.get("Details", [])]
    names = [target.get("Name") or target.get("Attribute", "") for target in targets]
    return Change(
        described["Action"],
        described["LogicalResourceId"],
        described["ResourceType"],
        described.get("Replacement", "False"),
        tuple(sorted({name for name in names if name})),
    )


def _words(change: Change) -> tuple[str, str]:
    match change.action, change.replacement:
        case "Add", _:
            return "+", texts.CHANGE_ADD
        case "Remove", _:
            return "-", texts.CHANGE_REMOVE
        case "Import", _:
            return "+", texts.CHANGE_IMPORT
        case _, "True":
            return "!", texts.CHANGE_REPLACE
        case _, "Conditional":
            return "!", texts.CHANGE_MAY_REPLACE
        case _:
            return "~", texts.CHANGE_MODIFY


def _failure(stack: str, end: End) -> str:
    template = {
        "DELETE_COMPLETE": texts.CREATION_FAILED,
        "UPDATE_ROLLBACK_COMPLETE": texts.UPDATE_FAILED,
    }.get(end.status, texts.STACK_LEFT_HALF)
    message = template.format(stack=stack, status=end.status, reasons=end.reasons)
    if TABLE_TYPE in end.reasons and "already exists" in end.reasons:
        message += f"\n{texts.TABLE_EXISTS}"
    return message
