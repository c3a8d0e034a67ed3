"""The permissions of the bot's roles in its stack, and how they compare with what it needs."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from tests.support.aws_calls import Need
from tests.support.cloudformation import Template


@dataclass(frozen=True, slots=True)
class Permission:
    """What a statement of a role allows: one action for resources of one pattern."""

    role: str
    action: str
    resource: str
    conditions: tuple[tuple[str, str], ...] = field(default=())

    def allows(self, need: Need) -> bool:
        """Tell whether it allows what is needed; `*` stands for any characters, or none."""
        return (
            need.action == self.action
            and any(fnmatchcase(arn, _pattern(self.resource)) for arn in need.resources)
            and all(need.context.get(key) == value for key, value in self.conditions)
        )


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is missing, what is there for nothing, and the whole as a table to read."""

    missing: list[Need]
    unused: list[Permission]
    table: str


def permissions_of(template: Template, roles: Iterable[str]) -> list[Permission]:
    """Return what the roles of these names allow, by their own policies and those they share."""
    properties = dict(template.resources("AWS::IAM::Role"))
    shared = dict(template.resources("AWS::IAM::ManagedPolicy"))
    found: list[Permission] = []
    for role in roles:
        for policy in properties[role].get("Policies", []):
            found += _permissions(role, policy)
        for name in properties[role].get("ManagedPolicyArns", []):
            found += _permissions(role, shared[name])
    return found


def roles_of_the_bot(template: Template) -> list[str]:
    """Return the names of the roles that the bot's own code has: of its task, or its functions."""
    arns = [task["TaskRoleArn"] for _, task in template.resources("AWS::ECS::TaskDefinition")]
    arns += [function["Role"] for _, function in template.resources("AWS::Lambda::Function")]
    return sorted({str(arn).rpartition(":")[2] for arn in arns})


def compare(needs: Iterable[Need], permissions: Iterable[Permission]) -> Comparison:
    """Compare what is needed with what is allowed."""
    allowed = list(permissions)
    by_need = {need: [each for each in allowed if each.allows(need)] for need in needs}
    used = {permission for found in by_need.values() for permission in found}
    unused = [each for each in allowed if each not in used]
    rows = [
        (each.role, each.action, each.resource, "yes" if each in used else "NO", "yes")
        for each in allowed
    ]
    rows += [
        ("-", need.action, " or ".join(sorted(need.resources)), "yes", "NO")
        for need, found in by_need.items()
        if not found
    ]
    return Comparison(
        [need for need, found in by_need.items() if not found], unused, _table(sorted(rows))
    )


def _permissions(role: str, policy: Any) -> Iterator[Permission]:
    for statement in policy["PolicyDocument"]["Statement"]:
        assert statement["Effect"] == "Allow"
        conditions = tuple(_conditions(statement.get("Condition", {})))
        for action in _list(statement["Action"]):
            for resource in _list(statement["Resource"]):
                yield Permission(role, action, resource, conditions)


def _conditions(block: Any) -> Iterator[tuple[str, str]]:
    for operator, keys in block.items():
        assert operator == "StringEquals"
        yield from keys.items()


def _list(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else value


def _pattern(resource: str) -> str:
    # Of fnmatch's signs IAM knows only the asterisk.
    return re.sub(r"[\[?]", lambda found: f"[{found[0]}]", resource)


def _table(rows: list[tuple[str, ...]]) -> str:
    rows = [("Role", "Action", "Resource", "Called", "Allowed"), *rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = (zip(row, widths, strict=True) for row in rows)
    return "\n".join("  ".join(f"{cell:{width}}" for cell, width in line) for line in lines)
