"""The stacks of deployment=lambda, created from their templates as far as the emulated AWS goes."""

import io
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

import cloudformation
from infrastructure.emulated_aws import REGION, EmulatedAws
from infrastructure.files import InfrastructureFiles
from infrastructure.stacks import Stack, create, update
from variants import Variant

EVERYTHING = Variant(("websocket", "rest", "whatsapp"), "basic", "lambda", True, "en")
SLUG = "meu-chatbot"
ACCOUNT = f"{REGION}:000000000000"
PROFILE = "us.anthropic.claude-sonnet-5-5"
BOUNDARY = "arn:aws:iam::000000000000:policy/delivery/boundary"
MODULES = ("http", "socket", "turns", "inbox")
ROLES = ("HttpRole", "SocketRole", "TurnRole", "InboxRole")

Template = dict[str, Any]


@pytest.fixture(scope="module")
def bot(infrastructure_files: InfrastructureFiles) -> Path:
    return infrastructure_files.bot(EVERYTHING)


@pytest.fixture(scope="module")
def template_of_the_stack(bot: Path) -> Template:
    return cloudformation.load((bot / "cloudformation/stack.yaml").read_text("utf-8"))


@pytest.fixture(scope="module")
def artifacts(aws: EmulatedAws, bot: Path) -> Iterator[Stack]:
    template = cloudformation.load((bot / "cloudformation/artifacts.yaml").read_text("utf-8"))
    # The stack of deployment=ecs has a repository of the same name.
    template["Resources"]["Repository"]["Properties"]["RepositoryName"] = f"{SLUG}-lambda"
    yield create(aws, f"{SLUG}-lambda-artifacts", template, {})


@pytest.fixture(scope="module")
def package(aws: EmulatedAws, artifacts: Stack) -> str:
    """The key of a package with a function of each module, which answers nothing."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for module in MODULES:
            archive.writestr(f"interface/aws_lambda/{module}.py", "def handler(*_): pass\n")
    bucket = artifacts.outputs["BucketName"]
    aws.client("s3").put_object(Bucket=bucket, Key="package.zip", Body=content.getvalue())
    return "package.zip"


@pytest.fixture(scope="module")
def parameters(
    aws: EmulatedAws, bot: Path, artifacts: Stack, package: str
) -> Callable[[str], dict[str, str]]:
    """`parameters(environment)`: the owner's file, and what a deployment adds to it."""
    made = aws.client("secretsmanager").create_secret(Name=f"{SLUG}/lambda", SecretString="{}")

    def of(environment: str) -> dict[str, str]:
        file = bot / f"cloudformation/parameters/{environment}.json"
        owners: dict[str, str] = json.loads(file.read_text("utf-8"))
        return owners | {
            "Environment": environment,
            "CodeBucket": artifacts.outputs["BucketName"],
            "CodeKey": package,
            "SettingsSecretArn": made["ARN"],
        }

    return of


@pytest.fixture(scope="module")
def staging(
    aws: EmulatedAws,
    template_of_the_stack: Template,
    parameters: Callable[[str], dict[str, str]],
) -> Stack:
    return create(aws, f"{SLUG}-lambda-staging", template_of_the_stack, parameters("staging"))


@pytest.fixture(scope="module")
def production(
    aws: EmulatedAws,
    template_of_the_stack: Template,
    staging: Stack,
    parameters: Callable[[str], dict[str, str]],
) -> Stack:
    """An environment with a name, a user pool and a boundary, on a table that was there before."""
    given = parameters("production") | {
        "CertificateArn": "arn:aws:acm:us-east-1:000000000000:certificate/1",
        "DomainName": "chat.example.com",
        "UserPool": "yes",
        "ExistingTableName": staging.outputs["TableName"],
        "AlarmEmail": "team@example.com",
        "PermissionsBoundaryArn": BOUNDARY,
    }
    return create(aws, f"{SLUG}-lambda-production", template_of_the_stack, given)


def function_of(aws: EmulatedAws, stack: Stack, module: str) -> dict[str, Any]:
    name = f"{stack.name}-{module}"
    found: dict[str, Any] = aws.client("lambda").get_function_configuration(FunctionName=name)
    return found


def variables_of(aws: EmulatedAws, stack: Stack, module: str) -> Mapping[str, str]:
    variables: dict[str, str] = function_of(aws, stack, module)["Environment"]["Variables"]
    return variables


def test_packages_go_to_a_private_bucket(aws: EmulatedAws, artifacts: Stack) -> None:
    s3, bucket = aws.client("s3"), artifacts.outputs["BucketName"]
    (statement,) = json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])["Statement"]

    assert all(s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"].values())
    assert statement["Effect"] == "Deny"
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_the_outputs_say_where_everything_is(staging: Stack) -> None:
    url = staging.outputs["HttpUrl"]

    assert url.startswith("https://") and not url.endswith("/")
    assert staging.outputs["SocketUrl"] == f"{url.replace('http', 'ws', 1)}/ws/chat/completions"
    assert staging.outputs["WebhookUrl"].endswith("/webhook/whatsapp")
    assert staging.outputs.keys() == {
        "DashboardUrl",
        "DeadLetterQueueUrl",
        "DistributionDomainName",
        "HttpApiId",
        "HttpUrl",
        "QueueUrl",
        "SocketApiId",
        "SocketUrl",
        "StageSocketUrl",
        "TableName",
        "WebhookUrl",
    }


def test_with_a_name_the_outputs_have_it(production: Stack) -> None:
    assert production.outputs["HttpUrl"] == "https://chat.example.com"
    assert production.outputs["SocketUrl"] == "wss://chat.example.com/ws/chat/completions"
    assert {"UserPoolId", "UserPoolClientId"} <= production.outputs.keys()


@pytest.mark.parametrize("module", MODULES)
def test_each_function_runs_its_module_of_the_package(
    aws: EmulatedAws, staging: Stack, module: str
) -> None:
    function = function_of(aws, staging, module)

    assert function["Handler"] == f"interface.aws_lambda.{module}.handler"
    assert function["Runtime"] == "python3.13"
    assert variables_of(aws, staging, module)["DDB_TABLE"] == staging.outputs["TableName"]


def test_all_functions_write_one_log(aws: EmulatedAws, staging: Stack) -> None:
    groups = {function_of(aws, staging, module)["LoggingConfig"]["LogGroup"] for module in MODULES}

    assert groups == {staging.resources["Log"]}


def test_a_turn_that_breaks_off_is_repeated_once(aws: EmulatedAws, staging: Stack) -> None:
    calls = aws.client("lambda").get_function_event_invoke_config(
        FunctionName=f"{staging.name}-turns", Qualifier="$LATEST"
    )

    assert calls["MaximumRetryAttempts"] == 1


def test_an_existing_table_is_taken_instead_of_a_new_one(
    aws: EmulatedAws, staging: Stack, production: Stack
) -> None:
    assert "Table" not in production.resources
    assert variables_of(aws, production, "http")["DDB_TABLE"] == staging.outputs["TableName"]


def test_whoever_signs_in_by_the_user_pool_needs_no_key(
    aws: EmulatedAws, staging: Stack, production: Stack
) -> None:
    by_token = variables_of(aws, production, "socket")

    assert variables_of(aws, staging, "socket")["AUTH_MODE"] == "api_key"
    assert by_token["AUTH_MODE"] == "jwt"
    assert by_token["AUTH_JWT_AUDIENCE"] == production.outputs["UserPoolClientId"]
    assert by_token["AUTH_JWT_ISSUER"].endswith(production.outputs["UserPoolId"])


def test_the_queue_calls_its_function_and_has_dead_letters(
    aws: EmulatedAws, staging: Stack
) -> None:
    (mapping,) = aws.client("lambda").list_event_source_mappings(
        FunctionName=f"{staging.name}-inbox"
    )["EventSourceMappings"]
    attributes = aws.client("sqs").get_queue_attributes(
        QueueUrl=staging.outputs["QueueUrl"], AttributeNames=["All"]
    )["Attributes"]
    timeout = function_of(aws, staging, "inbox")["Timeout"]

    assert mapping["EventSourceArn"] == attributes["QueueArn"]
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert int(attributes["VisibilityTimeout"]) >= 6 * timeout
    assert json.loads(attributes["RedrivePolicy"])["deadLetterTargetArn"].endswith(
        f"{staging.name}-dead-letters.fifo"
    )


def test_turns_reach_this_table_this_queue_and_this_model(aws: EmulatedAws, staging: Stack) -> None:
    resources = {
        resource
        for policy in ("FunctionPolicy", "TurnPolicy")
        for resource in _resources_of(aws, staging.resources[policy])
    }

    assert {each for each in resources if ":logs:" not in each and ":secret:" not in each} == {
        f"arn:aws:dynamodb:{ACCOUNT}:table/{staging.outputs['TableName']}",
        f"arn:aws:bedrock:{ACCOUNT}:inference-profile/{PROFILE}",
        f"arn:aws:bedrock:{REGION}::foundation-model/{PROFILE}",
        "arn:aws:bedrock:*::foundation-model/anthropic.claude-sonnet-5-5*",
    }


@pytest.mark.parametrize(
    ("action", "resource", "roles"),
    [
        ("dynamodb:UpdateItem", "table", {"HttpRole", "SocketRole", "TurnRole", "InboxRole"}),
        ("dynamodb:BatchWriteItem", "table", {"HttpRole", "TurnRole", "InboxRole"}),
        ("dynamodb:UpdateItem", "another table", set()),
        ("dynamodb:Scan", "table", set()),
        ("sqs:SendMessage", "queue", {"HttpRole"}),
        ("sqs:ReceiveMessage", "queue", {"InboxRole"}),
        ("execute-api:ManageConnections", "POST", {"HttpRole", "SocketRole", "TurnRole"}),
        ("execute-api:ManageConnections", "DELETE", {"SocketRole"}),
        ("lambda:InvokeFunction", "turns", {"SocketRole"}),
    ],
)
def test_iam_itself_allows_it_to_these_roles_alone(
    aws: EmulatedAws, staging: Stack, action: str, resource: str, roles: set[str]
) -> None:
    api = f"arn:aws:execute-api:{ACCOUNT}:{staging.outputs['SocketApiId']}/chat"
    arns = {
        "table": f"arn:aws:dynamodb:{ACCOUNT}:table/{staging.outputs['TableName']}",
        "another table": f"arn:aws:dynamodb:{ACCOUNT}:table/another",
        "queue": f"arn:aws:sqs:{ACCOUNT}:{staging.name}-inbox.fifo",
        "POST": f"{api}/POST/@connections/1",
        "DELETE": f"{api}/DELETE/@connections/1",
        "turns": f"arn:aws:lambda:{ACCOUNT}:function:{staging.name}-turns",
    }

    allowed = {role for role in ROLES if _allows(aws, staging, role, action, arns[resource])}

    assert allowed == roles


def test_alarms_reach_whoever_is_named(aws: EmulatedAws, staging: Stack, production: Stack) -> None:
    def actions(stack: Stack) -> set[tuple[str, ...]]:
        alarms = aws.client("cloudwatch").describe_alarms(AlarmNamePrefix=f"{stack.name}-")
        return {tuple(alarm["AlarmActions"]) for alarm in alarms["MetricAlarms"]}

    assert actions(staging) == {()}
    assert actions(production) == {(production.resources["AlarmTopic"],)}


def test_another_version_of_the_secret_starts_the_functions_anew(
    aws: EmulatedAws,
    template_of_the_stack: Template,
    parameters: Callable[[str], dict[str, str]],
) -> None:
    name, given = f"{SLUG}-lambda-updated", parameters("staging")
    stack = create(aws, name, template_of_the_stack, given)
    before = variables_of(aws, stack, "turns")["SETTINGS_VERSION"]
    update(aws, name, template_of_the_stack, given | {"SettingsVersion": "2"})

    assert (before, variables_of(aws, stack, "turns")["SETTINGS_VERSION"]) == ("none", "2")


@pytest.mark.parametrize(
    ("environment", "given", "sentence"),
    [
        ("staging", {"CodeKey": "unused"}, "Packaging=zip needs CodeBucket and CodeKey"),
        ("staging", {"Packaging": "image"}, "Packaging=image needs ImageUri"),
        ("staging", {"DomainName": "chat.example.com"}, "DomainName and CertificateArn"),
        ("production", {"AppEnv": "local"}, "Environment=production needs AppEnv=production"),
        (
            "staging",
            {"LlmProvider": "offline"},
            "LlmProvider=offline is only for AppEnv=local",
        ),
        ("staging", {"PermissionsBoundaryArn": "boundary"}, "PermissionsBoundaryArn"),
    ],
)
def test_what_cannot_work_is_refused_before_anything_is_made(
    aws: EmulatedAws,
    template_of_the_stack: Template,
    parameters: Callable[[str], dict[str, str]],
    environment: str,
    given: dict[str, str],
    sentence: str,
) -> None:
    with pytest.raises(ClientError, match=sentence):
        create(aws, "refused", template_of_the_stack, parameters(environment) | given)


def boundary(aws: EmulatedAws, stack: Stack) -> object:
    role = aws.client("iam").get_role(RoleName=stack.resources["HttpRole"])["Role"]
    return role.get("PermissionsBoundary")


def limits(aws: EmulatedAws, stack: Stack) -> object:
    stages = aws.client("apigatewayv2").get_stages(ApiId=stack.outputs["HttpApiId"])["Items"]
    return stages[0].get("DefaultRouteSettings")


@pytest.mark.parametrize(
    ("look", "seen"), [(boundary, None), (limits, {})], ids=["boundary", "limits of requests"]
)
def test_the_emulator_leaves_these_properties_out(
    aws: EmulatedAws,
    production: Stack,
    look: Callable[[EmulatedAws, Stack], object],
    seen: object,
) -> None:
    """So nothing is proven about them here; the tests of the templates and of the bot look at them."""
    assert look(aws, production) == seen


def _resources_of(aws: EmulatedAws, policy: str) -> Iterator[str]:
    iam = aws.client("iam")
    version = iam.get_policy(PolicyArn=policy)["Policy"]["DefaultVersionId"]
    document = iam.get_policy_version(PolicyArn=policy, VersionId=version)["PolicyVersion"]
    for statement in document["Document"]["Statement"]:
        named = statement["Resource"]
        yield from [named] if isinstance(named, str) else named


def _allows(aws: EmulatedAws, stack: Stack, role: str, action: str, resource: str) -> bool:
    simulated = aws.client("iam").simulate_principal_policy(
        PolicySourceArn=f"arn:aws:iam::000000000000:role/{stack.resources[role]}",
        ActionNames=[action],
        ResourceArns=[resource],
    )
    (result,) = simulated["EvaluationResults"]
    decision: str = result["EvalDecision"]
    return decision == "allowed"
