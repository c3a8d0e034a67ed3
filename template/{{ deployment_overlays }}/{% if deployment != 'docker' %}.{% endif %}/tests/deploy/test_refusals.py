"""What the deploy script refuses, and that it then has changed nothing."""

from types import SimpleNamespace

import boto3
import pytest
from botocore.exceptions import (
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    ProfileNotFound,
    ReadTimeoutError,
    UnauthorizedSSOTokenError,
)
from botocore.stub import Stubber

from scripts.deployment import texts
from scripts.deployment.account import Account, explained
from scripts.deployment.change_sets import Change
from scripts.deployment.console import Console
from scripts.deployment.errors import DeploymentError
from scripts.deployment.model_access import check_model_access
from tests.deploy.cloud import STACK, Cloud

_PROFILE = "us.anthropic.claude-sonnet-5-5"

Capture = pytest.CaptureFixture[str]


def _refusal(code: str, message: str = "") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "DescribeStacks")


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (NoCredentialsError(), texts.NO_CREDENTIALS),
        (ProfileNotFound(profile="x"), texts.PROFILE_NOT_FOUND),
        (UnauthorizedSSOTokenError(), texts.CREDENTIALS_EXPIRED),
        (_refusal("ExpiredToken"), texts.CREDENTIALS_EXPIRED),
        (_refusal("InvalidClientTokenId"), texts.CREDENTIALS_INVALID),
        (_refusal("AccessDenied", "no."), texts.NOT_ALLOWED),
        (EndpointConnectionError(endpoint_url="https://sts"), texts.AWS_OUT_OF_REACH),
        (ReadTimeoutError(endpoint_url="https://sts"), texts.AWS_TOO_SLOW),
        (_refusal("Throttling", "slow"), texts.AWS_REFUSED),
    ],
)
def test_an_error_of_aws_is_a_sentence_that_says_what_to_do(
    error: ClientError, expected: str
) -> None:
    values = {
        "error": error,
        "region": "us-east-1",
        "operation": "DescribeStacks",
        "code": error.response["Error"]["Code"] if isinstance(error, ClientError) else "",
        "message": error.response["Error"]["Message"] if isinstance(error, ClientError) else "",
    }

    assert explained(error, "us-east-1") == expected.format(**values)


def test_without_credentials_one_sentence_is_said(
    cloud: Cloud, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL")

    outcome = cloud.run(capsys, "plan")

    assert outcome.error.startswith(f"{texts.ERROR} {texts.NO_CREDENTIALS.split('{')[0]}")
    assert "\n" not in outcome.error


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--parameter", "Nothing=1"], "Nothing"),
        (["--parameter", "QueueName"], texts.PARAMETER_FORM.format(given="QueueName")),
    ],
)
def test_a_wrong_parameter_is_named(
    cloud: Cloud, capsys: Capture, options: list[str], message: str
) -> None:
    cloud.store_secret()

    outcome = cloud.run(capsys, "deploy", *options)

    assert message in outcome.error
    assert cloud.stacks() == {}


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("{", texts.PARAMETERS_UNREADABLE.split("{path}")[1].split("{")[0]),
        ("[]", texts.PARAMETERS_NOT_FLAT.split("{path}")[1].split("{")[0]),
        ('{"QueueName": {}}', texts.PARAMETERS_NOT_FLAT.split("{path}")[1].split("{")[0]),
        ('{"Nothing": "x"}', "Nothing"),
    ],
)
def test_a_wrong_file_of_parameters_is_named(
    cloud: Cloud, capsys: Capture, written: str, message: str
) -> None:
    cloud.write("cloudformation/parameters/staging.json", written)

    outcome = cloud.run(capsys, "plan")

    assert message in outcome.error


def test_a_deploy_takes_the_written_parameters_and_the_typed_ones_before_them(
    cloud: Cloud, capsys: Capture
) -> None:
    cloud.store_secret()
    cloud.write("cloudformation/parameters/staging.json", '{"QueueName": "a", "Breaks": "yes"}')
    cloud.commit()

    cloud.run(capsys, "deploy", "--parameter", "Breaks=no")

    queues = cloud.client("sqs").list_queues()["QueueUrls"]
    assert [url.rsplit("/", 1)[1] for url in queues] == ["a"]


@pytest.mark.parametrize("name", ["cloudformation/stack.yaml", "cloudformation/artifacts.yaml"])
def test_a_template_with_a_fault_is_named(cloud: Cloud, capsys: Capture, name: str) -> None:
    cloud.store_secret()
    cloud.write(name, "Resources: [")
    cloud.commit()

    outcome = cloud.run(capsys, "deploy")

    assert name in outcome.error
    assert cloud.stacks() == {}


def test_a_template_that_is_too_long_only_by_its_comments_is_deployed(
    cloud: Cloud, capsys: Capture
) -> None:
    long = "Resources:\n" + "  # a comment\n" * 4_000
    cloud.replace("cloudformation/stack.yaml", "Resources:\n", long)

    assert cloud.run(capsys, "plan").error == ""


def test_a_template_that_is_too_long_is_named(cloud: Cloud, capsys: Capture) -> None:
    cloud.replace(
        "cloudformation/stack.yaml", "Resources:\n", f"Metadata: {'x' * 52_000}\nResources:\n"
    )

    outcome = cloud.run(capsys, "plan")

    assert "cloudformation/stack.yaml" in outcome.error
    assert "51200" in outcome.error


def test_changes_without_a_commit_are_refused(cloud: Cloud, capsys: Capture) -> None:
    cloud.store_secret()
    cloud.write("notes.txt", "not committed")

    outcome = cloud.run(capsys, "deploy")

    assert texts.NOT_COMMITTED.format(path="notes.txt") in outcome.error
    assert cloud.stacks() == {}


def test_a_deploy_without_its_secret_settings_is_refused(cloud: Cloud, capsys: Capture) -> None:
    outcome = cloud.run(capsys, "deploy")

    assert "secrets --environment staging" in outcome.error
    assert cloud.stacks() == {}


@pytest.mark.parametrize("command", ["smoke", "rollback", "destroy", "status"])
def test_a_command_for_a_stack_that_is_not_there_says_so(
    cloud: Cloud, capsys: Capture, command: str
) -> None:
    outcome = cloud.run(capsys, command)

    assert texts.NO_STACK.format(stack=STACK, region=cloud.region) in outcome.error


@pytest.mark.parametrize(
    ("change", "marked"),
    [
        (Change("Modify", "Table", "AWS::DynamoDB::Table", "True"), True),
        (Change("Modify", "Table", "AWS::DynamoDB::Table", "Conditional"), True),
        (Change("Remove", "Table", "AWS::DynamoDB::Table"), True),
        (Change("Modify", "Table", "AWS::DynamoDB::Table"), False),
        (Change("Add", "Table", "AWS::DynamoDB::Table"), False),
        (Change("Modify", "Role", "AWS::IAM::Role", "True"), False),
    ],
)
def test_what_may_lose_data_is_marked(change: Change, marked: bool) -> None:
    assert (texts.DANGER_DATA in str(change)) is marked


@pytest.mark.parametrize(
    ("availability", "expected"),
    [
        (None, texts.MODEL_UNKNOWN),
        ("NOT_AUTHORIZED", texts.NO_MODEL_ACCESS),
    ],
)
def test_a_model_that_the_account_may_not_use_is_named(
    availability: str | None, expected: str
) -> None:
    account = _account_with_model(availability)

    with pytest.raises(DeploymentError) as refusal:
        check_model_access(account, Console(), _PROFILE)

    assert str(refusal.value) == expected.format(model=_PROFILE, region="us-east-1")


def test_a_model_that_the_account_may_use_passes(capsys: Capture) -> None:
    check_model_access(_account_with_model("AUTHORIZED"), Console(), _PROFILE)

    assert capsys.readouterr().out == ""


def _account_with_model(authorization: str | None) -> Account:
    """Return an account in whose region the profile has a model, or None no such profile."""
    keys = {"aws_access_key_id": "local", "aws_secret_access_key": "local"}
    bedrock = boto3.client("bedrock", region_name="us-east-1", **keys)
    stub = Stubber(bedrock)
    if authorization is None:
        stub.add_client_error("get_inference_profile", "ResourceNotFoundException")
    else:
        model = "anthropic.claude-sonnet-5-5"
        arn = f"arn:aws:bedrock:us-east-1::foundation-model/{model}"
        profile = {
            "inferenceProfileName": "a profile",
            "inferenceProfileArn": "arn:aws:bedrock:us-east-1:000000000000:inference-profile/p",
            "inferenceProfileId": _PROFILE,
            "status": "ACTIVE",
            "type": "SYSTEM_DEFINED",
            "models": [{"modelArn": arn}],
        }
        availability = {
            "modelId": model,
            "agreementAvailability": {"status": "AVAILABLE"},
            "authorizationStatus": authorization,
            "entitlementAvailability": "AVAILABLE",
            "regionAvailability": "AVAILABLE",
        }
        stub.add_response("get_inference_profile", profile)
        stub.add_response("get_foundation_model_availability", availability, {"modelId": model})
    stub.activate()
    session = SimpleNamespace(client=lambda *arguments, **options: bedrock)
    return Account(session, "us-east-1", "000000000000")
