"""What policies allow, and how it compares with what the bot needs."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from tests.support.needs import Need


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


def permissions_in(role: str, document: Any) -> Iterator[Permission]:
    """Yield what a policy allows to the role, or whoever else has it."""
    for statement in document["Statement"]:
        assert statement["Effect"] == "Allow"
        conditions = tuple(_conditions(statement.get("Condition", {})))
        for action in _list(statement["Action"]):
            for resource in _list(statement["Resource"]):
                yield Permission(role, action, resource, conditions)


def compare(needs: Iterable[Need], permissions: Iterable[Permission]) -> Comparison:
    """Compare what is needed with what is allowed."""
    allowed = list(permissions)
    by_need = {need: [each for each in allowed if each.allows(need)] for need in needs}
    used = {permission for found in by_need.values() for permission in found}
    unused = [each for each in allowed if each not in used]
    rows = [
        (need.action, " or ".join(sorted(need.resources)), _roles(found) or "MISSING")
        for need, found in by_need.items()
    ]
    rows += [(each.action, each.resource, f"{each.role}: UNUSED") for each in unused]
    return Comparison(
        [need for need, found in by_need.items() if not found], unused, _table(sorted(rows))
    )


def _conditions(block: Any) -> Iterator[tuple[str, str]]:
    for operator, keys in block.items():
        assert operator == "StringEquals"
        yield from keys.items()


def _list(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else value


def _pattern(resource: str) -> str:
    # Of fnmatch's signs IAM knows only the asterisk.
    return re.sub(r"[\[?]", lambda found: f"[{found[0]}]", resource)


def _roles(permissions: Iterable[Permission]) -> str:
    return ", ".join(sorted({permission.role for permission in permissions}))


def _table(rows: list[tuple[str, str, str]]) -> str:
    rows = [("Action", "Resource", "Allowed by"), *rows]
    widths = [max(len(row[column]) for row in rows) for column in range(2)]
    return "\n".join(f"{a:{widths[0]}}  {b:{widths[1]}}  {c}" for a, b, c in rows)
