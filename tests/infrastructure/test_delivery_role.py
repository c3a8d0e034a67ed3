"""What the pipeline may do in AWS, held against the stack that it delivers."""

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from itertools import product
from pathlib import Path
from typing import Any

import pytest

import cloudformation
from rendering import render
from variants import channel_sets, choices

# Services whose prefix in a policy is not their name in a resource's type.
PREFIXES = {
    "ApiGatewayV2": "apigateway",
    "ApplicationAutoScaling": "application-autoscaling",
    "Cognito": "cognito-idp",
    "ElasticLoadBalancingV2": "elasticloadbalancing",
}
# Of a service whose actions are allowed one by one, those that make a part of a stack.
MAKING = {
    "AWS::IAM::ManagedPolicy": {"iam:CreatePolicy", "iam:AttachRolePolicy", "iam:DeletePolicy"},
    "AWS::IAM::Role": {"iam:CreateRole", "iam:PassRole", "iam:DeleteRole"},
    "AWS::Logs::LogGroup": {"logs:CreateLogGroup", "logs:PutRetentionPolicy"},
    "AWS::CloudWatch::Alarm": {"cloudwatch:PutMetricAlarm", "cloudwatch:DeleteAlarms"},
}
HOSTS = ("github", "gitlab")
TARGETS = ("ecs", "lambda")


@pytest.fixture(scope="module")
def bots(template: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], Path]:
    """Bots of the targets, with each set of channels."""
    forest = tmp_path_factory.mktemp("roles")
    return {
        (target, "+".join(channels)): render(
            template,
            forest / f"{target}-{'+'.join(channels)}",
            {"deployment": target, "channels": list(channels)},
        )
        for target, channels in product(TARGETS, channel_sets())
    }


@pytest.mark.parametrize(("host", "deployment"), list(product(HOSTS, choices("deployment"))))
def test_only_this_repository_may_assume_the_role(
    template: Path, tmp_path: Path, host: str, deployment: str
) -> None:
    bot = render(template, tmp_path / "bot", {"ci": host, "deployment": deployment})
    role = _resources(bot / "cloudformation" / "delivery-role.yaml")["DeliveryRole"]

    (statement,) = role["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Condition"].keys() == {"StringEquals"}
    claims = {key.rpartition(":")[2]: value for key, value in _equal(statement).items()}
    assert claims["aud"] == "sts.amazonaws.com"
    subjects = claims["sub"] if isinstance(claims["sub"], list) else [claims["sub"]]
    for subject in subjects:
        assert re.match(r"(repo:\$\{Repository\}|project_path:\$\{Project\}):", subject["Fn::Sub"])


@pytest.mark.parametrize("policy", ["DeliveryRole", "ServiceRole"])
def test_nobody_is_an_administrator(bots: dict[tuple[str, str], Path], policy: str) -> None:
    for bot in bots.values():
        role = _resources(bot / "cloudformation" / "delivery-role.yaml")[policy]
        actions = set(_actions(role))
        assert not {"*", "iam:*"} & actions
        assert all(
            re.fullmatch(r"[a-z0-9-]+:\*?\w+\*?|[a-z0-9-]+:\*", action) for action in actions
        )


def test_the_service_role_reaches_every_service_of_the_stack(
    bots: dict[tuple[str, str], Path],
) -> None:
    for answers, bot in bots.items():
        role = _resources(bot / "cloudformation" / "delivery-role.yaml")["ServiceRole"]
        allowed = {action.partition(":")[0] for action in _actions(role)}
        for path in _stacks(bot):
            types = {part["Type"].split("::")[1] for part in _resources(path).values()}
            services = {PREFIXES.get(service, service.lower()) for service in types}
            assert services - allowed == set(), (answers, path.name)


def test_the_service_role_makes_and_deletes_every_part_of_the_stack(
    bots: dict[tuple[str, str], Path],
) -> None:
    for answers, bot in bots.items():
        role = _resources(bot / "cloudformation" / "delivery-role.yaml")["ServiceRole"]
        allowed = list(_actions(role))
        for path in _stacks(bot):
            types = {part["Type"] for part in _resources(path).values()}
            needed = set().union(*(MAKING.get(type_, set()) for type_ in types))
            missing = {action for action in needed if not _is_within(action, allowed)}
            assert missing == set(), (answers, path.name)


def test_roles_of_the_stack_have_the_boundary(bots: dict[tuple[str, str], Path]) -> None:
    for answers, bot in bots.items():
        for name, role in _parts_of_the_stack(bot, "AWS::IAM::Role"):
            assert "PermissionsBoundary" in role["Properties"], (answers, name)


def test_the_boundary_allows_what_roles_of_the_stack_do(bots: dict[tuple[str, str], Path]) -> None:
    for answers, bot in bots.items():
        boundary = _resources(bot / "cloudformation" / "delivery-role.yaml")["Boundary"]
        limits = list(_actions(boundary))
        for name, part in _parts_of_the_stack(bot, "AWS::IAM::Role", "AWS::IAM::ManagedPolicy"):
            beyond = {action for action in _actions(part) if not _is_within(action, limits)}
            assert beyond == set(), (answers, name)


def _parts_of_the_stack(bot: Path, *types: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for path in _stacks(bot):
        for name, part in _resources(path).items():
            if part["Type"] in types:
                yield name, part


def _stacks(bot: Path) -> Iterator[Path]:
    for path in sorted((bot / "cloudformation").glob("*.yaml")):
        if path.name != "delivery-role.yaml":
            yield path


def _resources(path: Path) -> dict[str, Any]:
    resources: dict[str, Any] = cloudformation.load(path.read_text("utf-8"))["Resources"]
    return resources


def _equal(statement: dict[str, Any]) -> dict[str, Any]:
    equal: dict[str, Any] = statement["Condition"]["StringEquals"]
    return equal


def _actions(part: Any) -> Iterator[str]:
    """Yield every action that is allowed anywhere in a part, but in who may assume it."""
    if isinstance(part, dict):
        if part.get("Effect") == "Allow" and "Action" in part:
            action = part["Action"]
            yield from action if isinstance(action, list) else [action]
        for key, value in part.items():
            if key != "AssumeRolePolicyDocument":
                yield from _actions(value)
    elif isinstance(part, list):
        for value in part:
            yield from _actions(value)


def _is_within(action: str, limits: list[str]) -> bool:
    return any(fnmatchcase(action, limit) for limit in limits)
