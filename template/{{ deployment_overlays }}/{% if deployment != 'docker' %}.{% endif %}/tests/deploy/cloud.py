"""A region of an emulated AWS for the deploy script, and a folder with a small stack to deploy."""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest

from scripts import deploy
from scripts.deployment import artifact
from scripts.deployment.deployer import Deployer
from scripts.deployment.names import SLUG, secret_name, stack_name
from scripts.deployment.secret_settings import SECRET_SETTINGS

SERVICES = ("cloudformation", "dynamodb", "ecr", "s3", "secretsmanager", "sqs", "ssm", "sts")
STACK = stack_name("staging")
TABLE = "chats-staging"
# The parameters of the stack that a deploy brings the artifact in.
_ARTIFACT = tuple(artifact.assumed({}))

_ARTIFACTS_TEMPLATE = """
Resources:
  Packages: {Type: AWS::S3::Bucket, Properties: {BucketName: !Sub "packages-${AWS::Region}"}}
  Images: {Type: AWS::ECR::Repository, Properties: {RepositoryName: images}}
Outputs:
  BucketName: {Value: !Ref Packages}
  RepositoryName: {Value: !Ref Images}
  RepositoryUri: {Value: !GetAtt Images.RepositoryUri}
"""
# What the real stack takes and gives, with next to nothing in it; `Breaks` makes its making fail.
_STACK_TEMPLATE = """
Parameters:
  Environment: {Type: String}
  SettingsSecretArn: {Type: String}
  SettingsVersion: {Type: String, Default: none}
  LlmProvider: {Type: String, Default: offline}
  QueueName: {Type: String, Default: waiting}
  Breaks: {Type: String, Default: "no"}
  PARAMETERS
Conditions:
  DoesBreak: !Equals [!Ref Breaks, "yes"]
Resources:
  Table:
    Type: AWS::DynamoDB::Table
    DeletionPolicy: RetainExceptOnCreate
    Properties:
      TableName: !Sub "chats-${Environment}"
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: pk, AttributeType: S}]
      KeySchema: [{AttributeName: pk, KeyType: HASH}]
  Queue:
    Type: AWS::SQS::Queue
    Properties: {QueueName: !Ref QueueName}
  Running:
    Type: AWS::SSM::Parameter
    Properties: {Type: String, Value: !Sub "${ARTIFACT} ${SettingsVersion}"}
  Handle:
    Type: AWS::CloudFormation::WaitConditionHandle
    Condition: DoesBreak
  NeverDone:
    Type: AWS::CloudFormation::WaitCondition
    Condition: DoesBreak
    DependsOn: [Queue, Table]
    Properties: {Handle: !Ref Handle, Timeout: "1"}
Outputs:
  HttpUrl: {Value: "https://bot.example.com"}
  TableName: {Value: !Ref Table}
"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command said, and the sentence it ended with, if it failed."""

    said: str
    error: str

    def __str__(self) -> str:
        return self.said + self.error


class Cloud:
    """A region that nobody else uses, and the command line to deploy there.

    What is deployed is not built: the artifacts are called artifact-1, artifact-2 and so on, and
    the bot passes its test as `passes` says, one value for each test.
    """

    def __init__(self, endpoint: str, region: str, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.region = region
        self.folder = folder
        self.passes = [True]
        self._endpoint = endpoint
        self._patch = patch
        self._built = 0
        patch.setenv("AWS_ENDPOINT_URL", endpoint)
        patch.setenv("AWS_REGION", region)
        patch.chdir(folder)
        patch.setattr(artifact, "require_tools", lambda parameters: None)
        patch.setattr(artifact, "build", self._build)
        patch.setattr("scripts.deployment.deployer.smoke_test", self._test)
        # The small stack has nothing with an address.
        patch.setattr(Deployer, "outputs", lambda deployer, stack: stack.outputs)
        declared = [f'{name}: {{Type: String, Default: ""}}' for name in artifact.PARAMETERS]
        template = _STACK_TEMPLATE.replace("PARAMETERS", "\n  ".join(declared))
        template = template.replace("ARTIFACT", _ARTIFACT[0])
        self.write("cloudformation/artifacts.yaml", _ARTIFACTS_TEMPLATE)
        self.write("cloudformation/stack.yaml", template)
        self.git("init", "--quiet")
        self.commit()

    def run(self, capsys: pytest.CaptureFixture[str], command: str, *options: str) -> Outcome:
        """Run a command for the environment staging."""
        arguments = ["deploy", command, "--environment", "staging", *options]
        self._patch.setattr(sys, "argv", arguments)
        capsys.readouterr()
        error = ""
        try:
            deploy.main()
        except SystemExit as end:
            error = str(end.code)
        said = capsys.readouterr()
        return Outcome(said.out, error + said.err)

    def client(self, service: str) -> Any:
        """Return a client to look at the region past the script."""
        keys = {"aws_access_key_id": "local", "aws_secret_access_key": "local"}
        where = {"region_name": self.region, "endpoint_url": self._endpoint}
        return boto3.client(service, **where, **keys)

    def write(self, name: str, text: str) -> Path:
        """Write a file of the folder."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        return path

    def replace(self, name: str, old: str, new: str) -> None:
        """Replace a text in a file of the folder, and commit."""
        text = (self.folder / name).read_text("utf-8")
        assert old in text
        self.write(name, text.replace(old, new))
        self.commit()

    def git(self, *arguments: str) -> None:
        """Run git in the folder."""
        who = ["-c", "user.name=test", "-c", "user.email=test@localhost"]
        subprocess.run(["git", *who, *arguments], cwd=self.folder, check=True, capture_output=True)

    def commit(self) -> None:
        """Commit everything in the folder."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", "A change")

    def store_secret(self, **values: str) -> None:
        """Store every secret setting, with these values."""
        sound = {
            setting.name: "0123456789abcdef:maria" if setting.has_named_keys else "a-value"
            for setting in SECRET_SETTINGS
        }
        text = json.dumps(sound | values)
        self.client("secretsmanager").create_secret(Name=secret_name("staging"), SecretString=text)

    def secret(self) -> dict[str, str]:
        """Return the secret settings that are stored; none if there is no secret."""
        client = self.client("secretsmanager")
        try:
            found = client.get_secret_value(SecretId=secret_name("staging"))
        except client.exceptions.ResourceNotFoundException:
            return {}
        values: dict[str, str] = json.loads(found["SecretString"])
        return values

    def stacks(self) -> dict[str, str]:
        """Return the state of every stack of the bot, by its name without the bot's."""
        found = self.client("cloudformation").describe_stacks()["Stacks"]
        return {s["StackName"].removeprefix(f"{SLUG}-"): s["StackStatus"] for s in found}

    def running(self) -> str:
        """Return the artifact that the stack has."""
        found = self.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"][0]
        parameters = {p["ParameterKey"]: p["ParameterValue"] for p in found["Parameters"]}
        return str(parameters[_ARTIFACT[0]])

    def tables(self) -> list[str]:
        """Return the tables that there are."""
        names: list[str] = self.client("dynamodb").list_tables()["TableNames"]
        return names

    def _build(self, *arguments: object) -> Mapping[str, str]:
        self._built += 1
        return dict.fromkeys(_ARTIFACT, f"artifact-{self._built}")

    def _test(self, *arguments: object) -> bool:
        return self.passes.pop(0) if len(self.passes) > 1 else self.passes[0]
