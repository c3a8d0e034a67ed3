"""The stack and the bot agree: on the table, the parameters, and the settings."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from app.core.settings_owner import OwnerSettings
from infra.dynamodb.table import TABLE_DEFINITION
from tests.infrastructure.conftest import MakeStack
from tests.support.bot_folder import BOT_FOLDER
from tests.support.cloudformation import ACCOUNT, Template

CODE = ("app", "infra", "interface")
# Read by nobody: another value of it makes AWS start the bot anew.
MARKS = {"SETTINGS_VERSION"}


def read_from_the_environment() -> set[str]:
    """Return the variables that the code reads beside its settings."""
    read: set[str] = set()
    for folder in CODE:
        for path in (BOT_FOLDER / folder).rglob("*.py"):
            read |= set(re.findall(r"environ(?:\.get\(|\[)\"([A-Z_]+)\"", path.read_text("utf-8")))
    return read


def references(node: Any) -> Iterator[str]:
    """Yield every name that a part of a template refers to."""
    if isinstance(node, list):
        for item in node:
            yield from references(item)
    elif isinstance(node, dict):
        for key, item in node.items():
            if key == "Ref":
                yield item
            elif key == "Fn::Sub":
                text = item if isinstance(item, str) else item[0]
                yield from re.findall(r"\$\{(\w+)\}", text)
            yield from references(item)


def variables(node: Any) -> Iterator[tuple[str, Any]]:
    """Yield the environment variables that any part of a template sets, with what they are."""
    if isinstance(node, list):
        for item in node:
            yield from variables(item)
    elif isinstance(node, dict):
        for key, item in node.items():
            if key in ("Environment", "Secrets") and isinstance(item, list):
                yield from ((entry["Name"], entry) for entry in _entries(item))
            elif key == "Variables":
                yield from item.items()
            else:
                yield from variables(item)


def _entries(node: Any) -> Iterator[dict[str, Any]]:
    """Yield the entries of a list of variables, those included that a condition decides."""
    if isinstance(node, list):
        for item in node:
            yield from _entries(item)
    elif "Name" in node:
        yield node
    elif "Fn::If" in node:
        yield from _entries(node["Fn::If"][1:])


def test_the_table_is_the_one_that_the_bot_defines(stack: Template) -> None:
    ((_, table),) = stack.resources("AWS::DynamoDB::Table")

    assert {name: table[name] for name in TABLE_DEFINITION} == TABLE_DEFINITION


def test_the_table_outlives_the_stack(stack: Template) -> None:
    table = stack.content["Resources"]["Table"]

    assert (table["DeletionPolicy"], table["UpdateReplacePolicy"]) == ("Retain", "Retain")
    assert table["Properties"]["DeletionProtectionEnabled"] is True
    assert table["Properties"]["SSESpecification"] == {"SSEEnabled": True}


def test_every_role_is_bounded_by_the_policy_that_is_named(make_stack: MakeStack) -> None:
    policy = f"arn:aws:iam::{ACCOUNT}:policy/boundary"
    bounded = dict(make_stack(PermissionsBoundaryArn=policy).resources("AWS::IAM::Role"))
    free = dict(make_stack().resources("AWS::IAM::Role"))

    assert {role["PermissionsBoundary"] for role in bounded.values()} == {policy}
    assert all("PermissionsBoundary" not in role for role in free.values())


def test_every_parameter_is_used(stack: Template) -> None:
    content = dict(stack.content)
    parameters = content.pop("Parameters")

    assert parameters.keys() - set(references(content)) == set()


@pytest.mark.parametrize("environment", ["staging", "production"])
def test_the_owners_parameters_are_parameters_with_good_values(
    stack: Template, environment: str
) -> None:
    file = BOT_FOLDER / "cloudformation" / "parameters" / f"{environment}.json"
    parameters = stack.content["Parameters"]

    for name, value in json.loads(file.read_text("utf-8")).items():
        assert isinstance(value, str), name
        allowed = [str(each) for each in parameters[name].get("AllowedValues", [value])]
        assert value in allowed, name
        assert re.search(parameters[name].get("AllowedPattern", ""), value), name


def test_every_variable_is_one_that_the_bot_reads(stack: Template) -> None:
    names = {name for name, _ in variables(stack.content["Resources"])}
    settings = {name.upper() for name in OwnerSettings.model_fields}

    assert names
    assert names - settings - read_from_the_environment() == MARKS
