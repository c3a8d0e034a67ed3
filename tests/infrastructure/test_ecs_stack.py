"""The stacks of deployment=ecs, created from their templates as far as the emulated AWS goes."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

import cloudformation
from infrastructure.emulated_aws import REGION, EmulatedAws
from infrastructure.files import InfrastructureFiles
from infrastructure.stacks import Stack, create, update
from variants import Variant

EVERYTHING = Variant(("websocket", "rest", "whatsapp"), "basic", "ecs", True, "en")
SLUG = "meu-chatbot"

# The emulator refuses a template with a resource of these types.
UNKNOWN_TYPES = (
    "AWS::ApplicationAutoScaling::ScalableTarget",
    "AWS::ApplicationAutoScaling::ScalingPolicy",
    "AWS::EC2::EIP",
    "AWS::EC2::FlowLog",
    "AWS::EC2::NatGateway",
    "AWS::EC2::SecurityGroupEgress",
)
Template = dict[str, Any]


@pytest.fixture(scope="module")
def bot(infrastructure_files: InfrastructureFiles) -> Path:
    return infrastructure_files.bot(EVERYTHING)


@pytest.fixture(scope="module")
def stack_template(bot: Path) -> Template:
    """stack.yaml as it is."""
    return cloudformation.load((bot / "cloudformation/stack.yaml").read_text("utf-8"))


@pytest.fixture(scope="module")
def emulated_template(stack_template: Template) -> Template:
    """stack.yaml without what the emulator does not know."""
    known = {
        name: resource
        for name, resource in stack_template["Resources"].items()
        if resource["Type"] not in UNKNOWN_TYPES
    }
    return stack_template | {"Resources": known}


@pytest.fixture(scope="module")
def artifacts(aws: EmulatedAws, bot: Path) -> Stack:
    template = cloudformation.load((bot / "cloudformation/artifacts.yaml").read_text("utf-8"))
    return create(aws, f"{SLUG}-artifacts", template, {})


@pytest.fixture(scope="module")
def secret(aws: EmulatedAws) -> str:
    """The ARN of the secret settings."""
    made = aws.client("secretsmanager").create_secret(Name=f"{SLUG}/staging", SecretString="{}")
    arn: str = made["ARN"]
    return arn


@pytest.fixture(scope="module")
def parameters(bot: Path, artifacts: Stack, secret: str) -> Callable[[str], dict[str, str]]:
    """`parameters(environment)`: the owner's file, and what a deployment adds to it."""

    def of(environment: str) -> dict[str, str]:
        file = bot / f"cloudformation/parameters/{environment}.json"
        owners: dict[str, str] = json.loads(file.read_text("utf-8"))
        return owners | {
            "Environment": environment,
            "ImageUri": image(artifacts, "a"),
            "SettingsSecretArn": secret,
        }

    return of


@pytest.fixture(scope="module")
def staging(
    aws: EmulatedAws,
    emulated_template: Template,
    parameters: Callable[[str], dict[str, str]],
) -> Stack:
    """An environment without a certificate, reached from one network."""
    given = parameters("staging") | {"AccessCidr": "203.0.113.0/24"}
    return create(aws, f"{SLUG}-staging", emulated_template, given)


@pytest.fixture(scope="module")
def production(
    aws: EmulatedAws,
    emulated_template: Template,
    staging: Stack,
    parameters: Callable[[str], dict[str, str]],
) -> Stack:
    """An environment with a certificate and a user pool, on a table that was there before."""
    given = parameters("production") | {
        "CertificateArn": f"arn:aws:acm:{REGION}:000000000000:certificate/1",
        "DomainName": "chat.example.com",
        "UserPool": "yes",
        "ExistingTableName": staging.outputs["TableName"],
        "AlarmEmail": "team@example.com",
        # The emulator has no NAT gateways and no flow logs.
        "NatGateways": "0",
        "FlowLogs": "no",
    }
    return create(aws, f"{SLUG}-production", emulated_template, given)


def image(artifacts: Stack, digit: str) -> str:
    return f"{artifacts.outputs['RepositoryUri']}@sha256:{digit * 64}"


def service_of(aws: EmulatedAws, stack: Stack) -> dict[str, Any]:
    found = aws.client("ecs").describe_services(
        cluster=stack.outputs["ClusterName"], services=[stack.outputs["ServiceName"]]
    )
    service: dict[str, Any] = found["services"][0]
    return service


def container_of(aws: EmulatedAws, stack: Stack) -> dict[str, Any]:
    task = service_of(aws, stack)["taskDefinition"]
    found = aws.client("ecs").describe_task_definition(taskDefinition=task)
    (container,) = found["taskDefinition"]["containerDefinitions"]
    assert isinstance(container, dict)
    return container


def environment_of(container: Mapping[str, Any]) -> dict[str, str]:
    return {entry["name"]: entry["value"] for entry in container["environment"]}


def listeners_of(aws: EmulatedAws, stack: Stack) -> dict[int, dict[str, Any]]:
    arn = stack.resources["LoadBalancer"]
    found = aws.client("elbv2").describe_listeners(LoadBalancerArn=arn)["Listeners"]
    return {listener["Port"]: listener for listener in found}


def test_images_go_to_a_repository_that_scans_them_and_keeps_their_tags(
    aws: EmulatedAws, artifacts: Stack
) -> None:
    name = artifacts.outputs["RepositoryName"]
    (repository,) = aws.client("ecr").describe_repositories(repositoryNames=[name])["repositories"]

    assert name == SLUG
    assert repository["repositoryUri"] == artifacts.outputs["RepositoryUri"]
    assert repository["imageTagMutability"] == "IMMUTABLE"
    assert repository["imageScanningConfiguration"] == {"scanOnPush": True}


def test_the_outputs_say_where_everything_is(staging: Stack) -> None:
    url = staging.outputs["HttpUrl"]

    assert url.startswith("http://") and not url.endswith("/")
    assert staging.outputs["SocketUrl"] == f"{url.replace('http', 'ws', 1)}/ws/chat/completions"
    assert staging.outputs["WebhookUrl"] == f"{url}/webhook/whatsapp"
    assert staging.outputs.keys() == {
        "ClusterName",
        "DashboardUrl",
        "DeadLetterQueueUrl",
        "HttpUrl",
        "LoadBalancerName",
        "QueueUrl",
        "ServiceName",
        "SocketUrl",
        "TableName",
        "WebhookUrl",
    }


def test_with_a_certificate_the_outputs_name_the_domain(production: Stack) -> None:
    assert production.outputs["HttpUrl"] == "https://chat.example.com"
    assert production.outputs["SocketUrl"] == "wss://chat.example.com/ws/chat/completions"
    assert production.outputs["WebhookUrl"] == "https://chat.example.com/webhook/whatsapp"
    assert {"UserPoolId", "UserPoolClientId"} <= production.outputs.keys()


def test_the_table_has_its_keys_and_cannot_be_deleted(aws: EmulatedAws, staging: Stack) -> None:
    found = aws.client("dynamodb").describe_table(TableName=staging.outputs["TableName"])["Table"]

    assert [(key["AttributeName"], key["KeyType"]) for key in found["KeySchema"]] == [
        ("partition_key", "HASH"),
        ("sort_key", "RANGE"),
    ]
    assert found["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert found["DeletionProtectionEnabled"] is True


def test_an_existing_table_is_taken_instead_of_a_new_one(
    aws: EmulatedAws, staging: Stack, production: Stack
) -> None:
    table = staging.outputs["TableName"]

    assert "Table" not in production.resources
    assert production.outputs["TableName"] == table
    assert environment_of(container_of(aws, production))["DDB_TABLE"] == table


def test_messages_that_fail_go_to_the_dead_letters(aws: EmulatedAws, staging: Stack) -> None:
    attributes = {
        name: aws.client("sqs").get_queue_attributes(
            QueueUrl=staging.resources[name], AttributeNames=["All"]
        )["Attributes"]
        for name in ("Queue", "DeadLetterQueue")
    }

    for queue in attributes.values():
        assert queue["FifoQueue"] == "true"
        assert queue["SqsManagedSseEnabled"] == "true"
        (statement,) = json.loads(queue["Policy"])["Statement"]
        assert (statement["Effect"], statement["Condition"]) == (
            "Deny",
            {"Bool": {"aws:SecureTransport": "false"}},
        )
    redrive = json.loads(attributes["Queue"]["RedrivePolicy"])
    assert redrive["deadLetterTargetArn"] == attributes["DeadLetterQueue"]["QueueArn"]


def test_without_a_certificate_one_network_reaches_the_bot(
    aws: EmulatedAws, staging: Stack
) -> None:
    listeners = listeners_of(aws, staging)
    group = aws.client("ec2").describe_security_groups(
        GroupIds=[staging.resources["LoadBalancerSecurityGroup"]]
    )["SecurityGroups"][0]
    open_to = {
        (rule["FromPort"], network["CidrIp"])
        for rule in group["IpPermissions"]
        for network in rule["IpRanges"]
    }

    assert {port: each["DefaultActions"][0]["Type"] for port, each in listeners.items()} == {
        80: "forward"
    }
    assert open_to == {(80, "203.0.113.0/24")}


def test_with_a_certificate_http_leads_to_https(aws: EmulatedAws, production: Stack) -> None:
    listeners = listeners_of(aws, production)

    assert {port: each["DefaultActions"][0]["Type"] for port, each in listeners.items()} == {
        80: "redirect",
        443: "forward",
    }
    assert listeners[443]["SslPolicy"].startswith("ELBSecurityPolicy-TLS13-1-2-")


def test_nobody_outside_reads_the_metrics(aws: EmulatedAws, production: Stack) -> None:
    listener = production.resources["HttpsListener"]
    rules = aws.client("elbv2").describe_rules(ListenerArn=listener)["Rules"]

    (rule,) = (rule for rule in rules if not rule["IsDefault"])
    assert rule["Actions"][0]["Type"] == "fixed-response"
    assert rule["Conditions"][0]["Field"] == "path-pattern"


def test_the_service_runs_the_image_and_rolls_back_what_does_not_start(
    aws: EmulatedAws, staging: Stack, artifacts: Stack
) -> None:
    service = service_of(aws, staging)
    container = container_of(aws, staging)

    assert service["launchType"] == "FARGATE"
    assert service["deploymentConfiguration"]["deploymentCircuitBreaker"] == {
        "enable": True,
        "rollback": True,
    }
    assert container["image"] == image(artifacts, "a")
    assert container["readonlyRootFilesystem"] is True
    assert container["privileged"] is False
    assert container["user"] == "10001:10001"


def test_whoever_signs_in_by_the_user_pool_needs_no_key(
    aws: EmulatedAws, staging: Stack, production: Stack
) -> None:
    by_key = environment_of(container_of(aws, staging))
    by_token = environment_of(container_of(aws, production))

    assert by_key["AUTH_MODE"] == "api_key"
    assert by_token["AUTH_MODE"] == "jwt"
    assert by_token["AUTH_JWT_AUDIENCE"] == production.outputs["UserPoolClientId"]
    assert by_token["AUTH_JWT_ISSUER"].endswith(production.outputs["UserPoolId"])
    assert len(container_of(aws, staging)["secrets"]) == 7
    assert len(container_of(aws, production)["secrets"]) == 6


def test_the_bots_role_names_this_table_this_queue_and_this_model(
    aws: EmulatedAws, staging: Stack
) -> None:
    iam = aws.client("iam")
    role = staging.resources["TaskRole"]
    names = iam.list_role_policies(RoleName=role)["PolicyNames"]
    policies = [iam.get_role_policy(RoleName=role, PolicyName=name) for name in names]
    resources: set[str] = set()
    for policy in policies:
        for statement in policy["PolicyDocument"]["Statement"]:
            named = statement["Resource"]
            resources |= {named} if isinstance(named, str) else set(named)

    account = f"{REGION}:000000000000"
    assert resources == {
        f"arn:aws:dynamodb:{account}:table/{staging.outputs['TableName']}",
        f"arn:aws:sqs:{account}:{SLUG}-staging-inbox.fifo",
        f"arn:aws:bedrock:{account}:inference-profile/us.anthropic.claude-sonnet-5-5",
        f"arn:aws:bedrock:{REGION}::foundation-model/us.anthropic.claude-sonnet-5-5",
        "arn:aws:bedrock:*::foundation-model/anthropic.claude-sonnet-5-5*",
    }


def test_alarms_reach_whoever_is_named(aws: EmulatedAws, staging: Stack, production: Stack) -> None:
    def actions(stack: Stack) -> set[tuple[str, ...]]:
        alarms = aws.client("cloudwatch").describe_alarms(AlarmNamePrefix=f"{stack.name}-")
        return {tuple(alarm["AlarmActions"]) for alarm in alarms["MetricAlarms"]}

    assert actions(staging) == {()}
    assert actions(production) == {(production.resources["AlarmTopic"],)}


def test_a_new_image_replaces_the_one_that_runs(
    aws: EmulatedAws,
    emulated_template: Template,
    artifacts: Stack,
    parameters: Callable[[str], dict[str, str]],
) -> None:
    name = f"{SLUG}-updated"
    given = parameters("staging") | {"AccessCidr": "203.0.113.0/24"}
    before = service_of(aws, create(aws, name, emulated_template, given))
    given["ImageUri"] = image(artifacts, "b")
    stack = update(aws, name, emulated_template, given)

    assert service_of(aws, stack)["serviceArn"] == before["serviceArn"]
    assert container_of(aws, stack)["image"] == image(artifacts, "b")


@pytest.mark.parametrize(
    ("environment", "given", "sentence"),
    [
        ("production", {}, "Environment=production needs CertificateArn"),
        (
            "staging",
            {"CertificateArn": "arn:aws:acm:us-east-1:000000000000:certificate/1"},
            "CertificateArn needs DomainName",
        ),
        ("staging", {}, "Without CertificateArn set AccessCidr"),
        (
            "staging",
            {"AccessCidr": "203.0.113.0/24", "VpcId": "vpc-0123abcd"},
            "VpcId needs LoadBalancerSubnetIds",
        ),
        (
            "staging",
            {"AccessCidr": "203.0.113.0/24", "LlmProvider": "offline"},
            "LlmProvider=offline is only for AppEnv=local",
        ),
        ("staging", {"ImageUri": "meu-chatbot:latest"}, "ImageUri"),
    ],
)
def test_what_cannot_work_is_refused_before_anything_is_made(
    aws: EmulatedAws,
    emulated_template: Template,
    parameters: Callable[[str], dict[str, str]],
    environment: str,
    given: dict[str, str],
    sentence: str,
) -> None:
    with pytest.raises(ClientError, match=sentence):
        create(aws, "refused", emulated_template, parameters(environment) | given)


@pytest.mark.parametrize("type_", UNKNOWN_TYPES)
def test_the_emulator_does_not_know_these_types(aws: EmulatedAws, type_: str) -> None:
    template = {"Resources": {"Resource": {"Type": type_}}}

    with pytest.raises(ClientError, match=f"Unrecognized resource types: .{type_}"):
        create(aws, "unknown", template, {})


def expiry(aws: EmulatedAws, stack: Stack) -> object:
    table = stack.outputs["TableName"]
    described = aws.client("dynamodb").describe_time_to_live(TableName=table)
    return described["TimeToLiveDescription"]["TimeToLiveStatus"]


def recovery(aws: EmulatedAws, stack: Stack) -> object:
    table = stack.outputs["TableName"]
    described = aws.client("dynamodb").describe_continuous_backups(TableName=table)
    point_in_time = described["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
    return point_in_time["PointInTimeRecoveryStatus"]


def tasks_with_an_image(aws: EmulatedAws, stack: Stack) -> object:
    """Tasks are listed as running, though there is no such image."""
    return service_of(aws, stack)["runningCount"]


@pytest.mark.parametrize(
    ("look", "seen"),
    [
        (expiry, "DISABLED"),
        (recovery, "DISABLED"),
        (tasks_with_an_image, 1),
        (lambda aws, stack: container_of(aws, stack)["healthCheck"], {}),
        (lambda aws, stack: container_of(aws, stack)["linuxParameters"], {}),
        (lambda aws, stack: container_of(aws, stack)["secrets"][0], {}),
        (lambda aws, stack: service_of(aws, stack)["healthCheckGracePeriodSeconds"], 0),
    ],
    ids=[
        "expiry of items",
        "point-in-time recovery",
        "tasks without a container",
        "health check of the container",
        "tmpfs and capabilities",
        "secrets of the container",
        "grace of the health check",
    ],
)
def test_the_emulator_leaves_these_properties_out(
    aws: EmulatedAws,
    staging: Stack,
    look: Callable[[EmulatedAws, Stack], object],
    seen: object,
) -> None:
    """So nothing is proven about them here; cfn-lint and the bot's own tests look at them."""
    assert look(aws, staging) == seen
