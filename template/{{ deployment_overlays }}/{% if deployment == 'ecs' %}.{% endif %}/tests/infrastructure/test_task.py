"""The task as Fargate gets it: its roles, its settings, and how it starts and stops."""

from typing import Any

import pytest

from app.core.service.chat.chat_service import DRAIN_SECONDS
from app.core.settings_owner import OwnerSettings
from interface.api.health_router import router
from interface.server import KEEP_ALIVE_SECONDS
from tests.infrastructure.conftest import CompareRoles, MakeStack
from tests.support.cloudformation import ACCOUNT, REGION, STACK, Template
from tests.support.roles import permissions_of
from tests.support.tasks import container_of, settings_of

# Those of a task that Fargate starts with an image of ECR, secrets, and the log driver awslogs.
# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html
START = {
    "ecr:BatchGetImage": "repository/",
    "ecr:GetAuthorizationToken": "*",
    "ecr:GetDownloadUrlForLayer": "repository/",
    "logs:CreateLogStream": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/ecs/{STACK}:*",
    "logs:PutLogEvents": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/ecs/{STACK}:*",
    "secretsmanager:GetSecretValue": "secret:chatbot-AbCdEf",
}


@pytest.fixture
def container(stack: Template) -> dict[str, Any]:
    return container_of(stack)


def attributes(resource: dict[str, Any], kind: str) -> dict[str, str]:
    return {each["Key"]: each["Value"] for each in resource[kind]}


async def test_the_bots_role_allows_what_it_calls_and_nothing_else(
    compare_roles: CompareRoles,
) -> None:
    found = await compare_roles(
        BedrockModelId="us.anthropic.claude-sonnet-5-5",
        BedrockModelArn="",
        BedrockGuardrailId="abc123",
    )

    print(found.table)
    assert (found.missing, found.unused) == ([], [])


def test_fargates_role_only_starts_tasks(stack: Template) -> None:
    allowed = {each.action: each.resource for each in permissions_of(stack, ["ExecutionRole"])}

    assert allowed.keys() == START.keys()
    for action, resource in allowed.items():
        assert START[action] in resource
        assert ("*" in resource.removesuffix(":*")) == (action == "ecr:GetAuthorizationToken")


def test_every_role_keeps_within_a_boundary_where_there_is_one(make_stack: MakeStack) -> None:
    boundary = f"arn:aws:iam::{ACCOUNT}:policy/boundary"
    within = make_stack(PermissionsBoundaryArn=boundary, FlowLogs="yes")
    roles = dict(within.resources("AWS::IAM::Role"))

    assert roles.keys() == {"ExecutionRole", "FlowLogRole", "TaskRole"}
    assert {role["PermissionsBoundary"] for role in roles.values()} == {boundary}
    for _, role in make_stack().resources("AWS::IAM::Role"):
        assert "PermissionsBoundary" not in role


def test_the_settings_are_fit_for_production(stack: Template) -> None:
    assert OwnerSettings.model_validate(settings_of(stack)).is_production


def test_a_setting_without_a_value_is_left_out(make_stack: MakeStack) -> None:
    plain = settings_of(make_stack())
    given = settings_of(
        make_stack(BedrockEndpointUrl="https://vpce.example.com", BedrockGuardrailId="abc123")
    )

    assert given.keys() - plain.keys() == {
        "aws_endpoint_url_bedrock_runtime",
        "bedrock_guardrail_id",
        "bedrock_guardrail_version",
    }


def test_the_container_may_do_little(container: dict[str, Any]) -> None:
    linux = container["LinuxParameters"]

    assert container["Privileged"] is False
    assert container["ReadonlyRootFilesystem"] is True
    assert not container["User"].startswith("0")
    assert linux["Capabilities"] == {"Drop": ["ALL"]}
    assert [mount["ContainerPath"] for mount in linux["Tmpfs"]] == ["/tmp"]


def test_a_task_that_stops_has_time_for_its_turns(
    stack: Template, container: dict[str, Any]
) -> None:
    ((_, target_group),) = stack.resources("AWS::ElasticLoadBalancingV2::TargetGroup")
    delay = attributes(target_group, "TargetGroupAttributes")[
        "deregistration_delay.timeout_seconds"
    ]

    assert int(delay) > DRAIN_SECONDS
    assert container["StopTimeout"] > 2 * DRAIN_SECONDS


def test_the_load_balancer_closes_idle_connections_before_the_bot_does(stack: Template) -> None:
    ((_, balancer),) = stack.resources("AWS::ElasticLoadBalancingV2::LoadBalancer")
    idle = attributes(balancer, "LoadBalancerAttributes")["idle_timeout.timeout_seconds"]

    assert int(idle) < KEEP_ALIVE_SECONDS


def test_the_load_balancer_asks_whether_the_bot_is_ready_where_it_listens(
    stack: Template, container: dict[str, Any]
) -> None:
    ((_, target_group),) = stack.resources("AWS::ElasticLoadBalancingV2::TargetGroup")
    port = OwnerSettings.model_fields["port"].default
    paths = {getattr(route, "path", "") for route in router.routes}

    assert target_group["HealthCheckPath"] in paths
    assert target_group["Port"] == port
    assert [mapping["ContainerPort"] for mapping in container["PortMappings"]] == [port]
