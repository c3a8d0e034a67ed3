"""Stacks of CloudFormation: how one is, what happens to it, and its end."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from scripts.deployment import texts
from scripts.deployment.account import Account
from scripts.deployment.console import Console
from scripts.deployment.errors import DeploymentError

TABLE_TYPE = "AWS::DynamoDB::Table"
_STACK_TYPE = "AWS::CloudFormation::Stack"
# A load balancer and its service take minutes; CloudFormation gives up on each part by itself.
_OPERATION_SECONDS = 3600.0
_POLL_SECONDS = 2.0
_LOCAL_POLL_SECONDS = 0.1
_DELETED = "DELETE_COMPLETE"


@dataclass(frozen=True, slots=True)
class Stack:
    """A stack as it is at a moment; `parameters` and `outputs` are texts by name."""

    stack_id: str
    name: str
    status: str
    reason: str
    parameters: Mapping[str, str]
    outputs: Mapping[str, str]

    @property
    def is_busy(self) -> bool:
        """Whether an operation is under way; one under review is not: nobody works on it."""
        return self.status.endswith("_IN_PROGRESS") and not self.is_under_review

    @property
    def is_under_review(self) -> bool:
        """Whether it has only a change set that nobody executed."""
        return self.status == "REVIEW_IN_PROGRESS"

    @property
    def is_sound(self) -> bool:
        """Whether it can be updated."""
        return self.status in (
            "CREATE_COMPLETE",
            "UPDATE_COMPLETE",
            "UPDATE_ROLLBACK_COMPLETE",
            "IMPORT_COMPLETE",
            "IMPORT_ROLLBACK_COMPLETE",
        )


@dataclass(frozen=True, slots=True)
class Resource:
    """A part of a stack; `physical_id` is its name or address in AWS."""

    logical_id: str
    physical_id: str
    resource_type: str
    status: str


@dataclass(frozen=True, slots=True)
class Event:
    """Something that CloudFormation did to a stack or to a part of it."""

    event_id: str
    at: datetime
    status: str
    resource_type: str
    logical_id: str
    physical_id: str
    reason: str
    is_of_the_stack: bool

    def __str__(self) -> str:
        line = f"{self.at.astimezone():%H:%M:%S}  {self.status:<28} {self.logical_id}"
        line += f" ({self.resource_type})"
        return f"{line}: {self.reason}" if self.has_failed and self.reason else line

    @property
    def part(self) -> Resource:
        """The part to which it happened."""
        return Resource(self.logical_id, self.physical_id, self.resource_type, self.status)

    @property
    def has_failed(self) -> bool:
        return self.status.endswith("_FAILED")

    @property
    def is_a_cause(self) -> bool:
        """Whether it failed by itself, and not because something else did."""
        return self.has_failed and not self.is_of_the_stack and "cancelled" not in self.reason


@dataclass(frozen=True, slots=True)
class End:
    """How an operation on a stack ended: the stack's state, what failed, and what was kept."""

    status: str
    failures: tuple[str, ...]
    kept: tuple[Resource, ...]

    @property
    def reasons(self) -> str:
        """What failed, a line for each."""
        return "".join(f"\n  - {failure}" for failure in self.failures)


class Stacks:
    """The stacks of an account."""

    def __init__(self, account: Account, console: Console) -> None:
        self._console = console
        self._client = account.client("cloudformation")
        is_local = account.emulator_url is not None
        self._poll_seconds = _LOCAL_POLL_SECONDS if is_local else _POLL_SECONDS

    @property
    def client(self) -> Any:
        """CloudFormation's client."""
        return self._client

    @property
    def poll_seconds(self) -> float:
        """How long to wait between two looks at something that AWS is doing."""
        return self._poll_seconds

    def find(self, name_or_id: str) -> Stack | None:
        """Return the stack, or None if there is none; one that was deleted only by its id."""
        try:
            described = self._client.describe_stacks(StackName=name_or_id)["Stacks"][0]
        except ClientError as error:
            if "does not exist" in str(error):
                return None
            raise
        return Stack(
            described["StackId"],
            described["StackName"],
            described["StackStatus"],
            described.get("StackStatusReason", ""),
            {p["ParameterKey"]: p["ParameterValue"] for p in described.get("Parameters", [])},
            {o["OutputKey"]: o["OutputValue"] for o in described.get("Outputs", [])},
        )

    def template(self, name: str) -> str:
        """Return the text of the template that the stack has now."""
        body = self._client.get_template(StackName=name, TemplateStage="Original")["TemplateBody"]
        return str(body)

    def resources(self, name_or_id: str) -> list[Resource]:
        """Return the parts of the stack."""
        pages = self._client.get_paginator("list_stack_resources").paginate(StackName=name_or_id)
        return [
            Resource(
                part["LogicalResourceId"],
                part.get("PhysicalResourceId", ""),
                part["ResourceType"],
                part["ResourceStatus"],
            )
            for page in pages
            for part in page["StackResourceSummaries"]
        ]

    def latest_events(self, name_or_id: str, count: int) -> list[Event]:
        """Return what happened last, the newest first."""
        return [event for event, _ in zip(self._events(name_or_id), range(count), strict=False)]

    def delete(self, stack: Stack) -> None:
        """Delete the stack, and show what happens meanwhile.

        Raises:
            DeploymentError: a part could not be deleted, or it took too long.
        """
        before = self.newest_event(stack)
        self._client.delete_stack(StackName=stack.stack_id)
        end = self.follow(stack, before)
        if end.status != _DELETED:
            raise DeploymentError(
                texts.NOT_DELETED.format(stack=stack.name, status=end.status, reasons=end.reasons)
            )

    def newest_event(self, stack: Stack) -> str:
        """Return the id of the newest event, from which on `follow` tells what happens."""
        newest = self.latest_events(stack.stack_id, 1)
        return newest[0].event_id if newest else ""

    def follow(self, stack: Stack, after: str, *, deletes_on_failure: bool = False) -> End:
        """Show every event after the one of this id, until the stack is at rest.

        With `deletes_on_failure` a stack that was rolled back is not at rest: CloudFormation
        deletes it next.

        Raises:
            DeploymentError: the operation took more than an hour.
        """
        deadline = time.monotonic() + _OPERATION_SECONDS
        seen = {after}
        failures: list[str] = []
        kept: list[Resource] = []
        while time.monotonic() < deadline:
            new = self._events_until(stack.stack_id, seen)
            for event in reversed(new):
                seen.add(event.event_id)
                self._console.say(f"  {event}")
                if event.is_a_cause:
                    failures.append(f"{event.logical_id} ({event.resource_type}): {event.reason}")
                if event.status == "DELETE_SKIPPED":
                    kept.append(event.part)
                if event.is_of_the_stack and _is_final(event.status, deletes_on_failure):
                    return End(event.status, tuple(failures), tuple(kept))
            time.sleep(self._poll_seconds)
        raise DeploymentError(
            texts.STACK_TOO_SLOW.format(stack=stack.name, minutes=int(_OPERATION_SECONDS / 60))
        )

    def _events_until(self, stack_id: str, seen: set[str]) -> list[Event]:
        events: list[Event] = []
        for event in self._events(stack_id):
            if event.event_id in seen:
                break
            events.append(event)
        return events

    def _events(self, name_or_id: str) -> Iterator[Event]:
        pages = self._client.get_paginator("describe_stack_events").paginate(StackName=name_or_id)
        for page in pages:
            for event in page["StackEvents"]:
                yield Event(
                    event["EventId"],
                    event["Timestamp"],
                    event.get("ResourceStatus", ""),
                    event.get("ResourceType", ""),
                    event.get("LogicalResourceId", ""),
                    event.get("PhysicalResourceId", ""),
                    event.get("ResourceStatusReason", ""),
                    event.get("ResourceType") == _STACK_TYPE
                    and event.get("PhysicalResourceId") == event["StackId"],
                )


def _is_final(status: str, deletes_on_failure: bool) -> bool:
    if status.endswith("_IN_PROGRESS"):
        return False
    return not (deletes_on_failure and status in ("CREATE_FAILED", "ROLLBACK_COMPLETE"))
