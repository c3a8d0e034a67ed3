"""The deploy script on an emulated AWS, with a small stack instead of the bot's."""

import re

import pytest
from botocore.client import BaseClient

from scripts.deployment import texts
from tests.deploy.cloud import STACK, TABLE, Cloud
from tests.support.waiting import eventually

Capture = pytest.CaptureFixture[str]


def test_a_plan_of_a_new_stack_shows_what_is_added_and_leaves_nothing(
    cloud: Cloud, capsys: Capture
) -> None:
    outcome = cloud.run(capsys, "plan")

    assert re.search(rf"\+ {texts.CHANGE_ADD} +Table \(AWS::DynamoDB::Table\)", outcome.said)
    assert outcome.error == ""
    assert cloud.stacks() == {}


def test_a_deploy_makes_both_stacks_and_shows_what_happens(cloud: Cloud, capsys: Capture) -> None:
    cloud.store_secret()

    outcome = cloud.run(capsys, "deploy")

    assert outcome.error == ""
    assert re.search(r"\d\d:\d\d:\d\d  CREATE_COMPLETE +Table", outcome.said)
    assert f"TableName: {TABLE}" in outcome.said
    assert cloud.stacks() == {"artifacts": "CREATE_COMPLETE", "staging": "CREATE_COMPLETE"}
    assert cloud.running() == "artifact-1"


def test_a_plan_without_a_change_says_so(cloud: Cloud, capsys: Capture) -> None:
    cloud.store_secret()
    cloud.run(capsys, "deploy")

    outcome = cloud.run(capsys, "plan")

    assert texts.NOTHING_TO_CHANGE.format(stack=STACK) in outcome.said


def test_a_plan_marks_what_would_lose_data(cloud: Cloud, capsys: Capture) -> None:
    cloud.store_secret()
    cloud.run(capsys, "deploy")

    outcome = cloud.run(capsys, "plan", "--parameter", "QueueName=another")

    line = next(line for line in outcome.said.splitlines() if "AWS::SQS::Queue" in line)
    assert line.lstrip().startswith(f"! {texts.CHANGE_REPLACE}")
    assert "QueueName" in line
    assert texts.DANGER_DATA in line
    assert cloud.stacks()["staging"] == "CREATE_COMPLETE"


@pytest.mark.parametrize(
    ("options", "code_changes"), [(["--yes"], False), (["--yes", "--allow-replacement"], True)]
)
def test_data_is_put_at_risk_only_when_that_is_allowed(
    cloud: Cloud, capsys: Capture, options: list[str], code_changes: bool
) -> None:
    cloud.store_secret()
    cloud.run(capsys, "deploy")

    outcome = cloud.run(capsys, "deploy", "--parameter", "QueueName=another", *options)

    assert (texts.REPLACEMENT_REFUSED in outcome.error) is not code_changes
    assert (cloud.running() == "artifact-2") is code_changes


@pytest.mark.parametrize("policy", ["RetainExceptOnCreate", "Retain"])
def test_a_stack_that_cannot_be_made_is_gone_and_its_cause_named(
    cloud: Cloud, capsys: Capture, policy: str
) -> None:
    cloud.store_secret()
    cloud.replace("cloudformation/stack.yaml", "RetainExceptOnCreate", policy)

    outcome = cloud.run(capsys, "deploy", "--parameter", "Breaks=yes")

    assert "NeverDone (AWS::CloudFormation::WaitCondition)" in outcome.error
    assert cloud.stacks() == {"artifacts": "CREATE_COMPLETE"}
    assert cloud.tables() == []


def test_a_change_that_fails_leaves_what_was_before(cloud: Cloud, capsys: Capture) -> None:
    cloud.store_secret()
    cloud.run(capsys, "deploy")

    outcome = cloud.run(capsys, "deploy", "--parameter", "Breaks=yes")

    assert "NeverDone" in outcome.error
    assert cloud.stacks()["staging"] == "UPDATE_ROLLBACK_COMPLETE"
    assert cloud.running() == "artifact-1"


def test_a_deploy_that_does_not_pass_its_test_is_undone(cloud: Cloud, capsys: Capture) -> None:
    cloud.store_secret()
    cloud.run(capsys, "deploy")
    cloud.passes = [False, True]

    outcome = cloud.run(capsys, "deploy")

    assert outcome.error.startswith(f"{texts.ERROR} {texts.WENT_BACK.split('{')[0]}")
    assert cloud.running() == "artifact-1"


def test_a_first_deploy_that_does_not_pass_its_test_says_what_can_be_done(
    cloud: Cloud, capsys: Capture
) -> None:
    cloud.store_secret()
    cloud.passes = [False]

    outcome = cloud.run(capsys, "deploy")

    assert "destroy --environment staging" in outcome.error


def test_what_one_environment_tested_is_deployed_to_another_without_building(
    cloud: Cloud, capsys: Capture
) -> None:
    cloud.store_secret()
    output = cloud.folder.parent / "output"
    cloud.run(capsys, "deploy", "--output-file", str(output))
    cloud.run(capsys, "deploy")
    tested = output.read_text("utf-8").strip().removeprefix("artifact=")

    outcome = cloud.run(capsys, "deploy", "--artifact", tested)

    assert outcome.error == ""
    assert cloud.running() == "artifact-1"


def test_cloudformation_works_with_the_rights_of_the_role_that_is_named(
    cloud: Cloud, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud.store_secret()
    role, asked = "arn:aws:iam::000000000000:role/deploys", set()
    call = BaseClient._make_api_call

    def remember(client: BaseClient, operation: str, parameters: dict[str, str]) -> object:
        if operation == "CreateChangeSet":
            asked.add(parameters.get("RoleARN"))
        return call(client, operation, parameters)

    monkeypatch.setattr(BaseClient, "_make_api_call", remember)

    cloud.run(capsys, "deploy", "--service-role", role)

    assert asked == {role}


def test_a_rollback_brings_the_artifact_of_the_deploy_before(cloud: Cloud, capsys: Capture) -> None:
    cloud.store_secret()
    for _ in range(3):
        cloud.run(capsys, "deploy")

    outcome = cloud.run(capsys, "rollback")
    once = cloud.running()
    cloud.run(capsys, "rollback")

    assert outcome.error == ""
    assert (once, cloud.running()) == ("artifact-2", "artifact-1")


def test_a_rollback_without_a_deploy_before_changes_nothing(cloud: Cloud, capsys: Capture) -> None:
    cloud.store_secret()
    cloud.run(capsys, "deploy")

    outcome = cloud.run(capsys, "rollback")

    assert texts.NOTHING_TO_GO_BACK_TO.format(stack=STACK) in outcome.error
    assert cloud.running() == "artifact-1"


def test_destroying_keeps_the_table(cloud: Cloud, capsys: Capture) -> None:
    cloud.store_secret()
    cloud.run(capsys, "deploy")

    outcome = cloud.run(capsys, "destroy", "--yes")

    goes, stays = outcome.said.split(texts.STAYS)
    assert "Queue (AWS::SQS::Queue)" in goes
    assert "Table (AWS::DynamoDB::Table)" in stays
    assert f"ExistingTableName={TABLE}" in stays
    assert cloud.tables() == [TABLE]
    assert cloud.stacks() == {"artifacts": "CREATE_COMPLETE"}


def test_destroying_with_the_data_leaves_nothing_of_the_environment(
    cloud: Cloud, capsys: Capture
) -> None:
    cloud.store_secret()
    cloud.run(capsys, "deploy")

    cloud.run(capsys, "destroy", "--yes", "--delete-data")

    assert cloud.tables() == []
    assert cloud.client("ssm").describe_parameters()["Parameters"] == []


@pytest.mark.parametrize("typed", ["", "something else"])
def test_destroying_asks_for_the_name_of_the_stack(
    cloud: Cloud, capsys: Capture, monkeypatch: pytest.MonkeyPatch, typed: str
) -> None:
    cloud.store_secret()
    cloud.run(capsys, "deploy")
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("builtins.input", lambda prompt: typed)

    outcome = cloud.run(capsys, "destroy")

    assert texts.NOTHING_DONE in outcome.error
    assert cloud.stacks()["staging"] == "CREATE_COMPLETE"


def test_a_plan_that_nobody_carried_out_is_removed_with_the_next_deploy(
    cloud: Cloud, capsys: Capture
) -> None:
    cloud.store_secret()
    cloud.client("cloudformation").create_change_set(
        StackName=STACK,
        ChangeSetName="forgotten",
        ChangeSetType="CREATE",
        TemplateBody='{"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}}',
    )

    refused = cloud.run(capsys, "deploy")
    deployed = cloud.run(capsys, "deploy", "--yes")

    assert "--yes" in refused.error
    assert texts.HALF_REVIEW.format(stack=STACK, status="REVIEW_IN_PROGRESS") in deployed.said
    assert cloud.stacks()["staging"] == "CREATE_COMPLETE"


async def test_a_half_made_stack_is_removed_with_the_next_deploy(
    cloud: Cloud, capsys: Capture
) -> None:
    cloud.store_secret()
    await _leave_half_made(cloud, "ROLLBACK", "ROLLBACK_COMPLETE")

    outcome = cloud.run(capsys, "deploy", "--yes")

    assert "ROLLBACK_COMPLETE" in outcome.said
    assert outcome.error == ""
    assert cloud.stacks()["staging"] == "CREATE_COMPLETE"


async def test_a_half_made_stack_with_data_is_not_removed(cloud: Cloud, capsys: Capture) -> None:
    cloud.store_secret()
    await _leave_half_made(cloud, "DO_NOTHING", "CREATE_FAILED")
    cloud.client("dynamodb").put_item(TableName="left", Item={"pk": {"S": "a chat"}})

    outcome = cloud.run(capsys, "deploy", "--yes")

    assert "ExistingTableName=left" in outcome.error
    assert cloud.tables() == ["left"]


def test_the_status_shows_the_outputs_and_the_last_events(cloud: Cloud, capsys: Capture) -> None:
    cloud.store_secret()
    cloud.run(capsys, "deploy")

    outcome = cloud.run(capsys, "status")

    assert outcome.said.startswith(f"{STACK}: CREATE_COMPLETE")
    assert f"TableName: {TABLE}" in outcome.said
    assert re.search(rf"CREATE_COMPLETE +{STACK}", outcome.said)


async def _leave_half_made(cloud: Cloud, on_failure: str, status: str) -> None:
    """Leave a stack whose making failed, as one that somebody made in the console may be."""
    cloud.client("cloudformation").create_stack(
        StackName=STACK,
        OnFailure=on_failure,
        TemplateBody="""
          Resources:
            Table:
              Type: AWS::DynamoDB::Table
              Properties:
                TableName: left
                BillingMode: PAY_PER_REQUEST
                AttributeDefinitions: [{AttributeName: pk, AttributeType: S}]
                KeySchema: [{AttributeName: pk, KeyType: HASH}]
            Handle: {Type: AWS::CloudFormation::WaitConditionHandle}
            NeverDone:
              Type: AWS::CloudFormation::WaitCondition
              DependsOn: Table
              Properties: {Handle: !Ref Handle, Timeout: "1"}
        """,
    )
    await eventually(lambda: cloud.stacks()["staging"] == status, within=20)
