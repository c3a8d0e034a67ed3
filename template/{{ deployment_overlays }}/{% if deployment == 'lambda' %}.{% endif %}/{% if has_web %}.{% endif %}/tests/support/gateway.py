"""The bot behind API Gateway: its stack, created from its own template in a local AWS.

The stack's functions are stand-ins that hand each event to the tests' process, where the real ones
run; tests/support/execution_environments.py says how. A test of the template runs the real package.
"""

import io
import json
import time
import uuid
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import boto3
from botocore.config import Config

from app.core.settings_owner import OwnerSettings
from app.dependency_injection.function_container import FunctionContainer, function_container
from scripts.deployment.edge import Edge
from tests.support.background_loop import BackgroundLoop
from tests.support.bots import BOT_FOLDER, Bot
from tests.support.execution_environments import FunctionHost
from tests.support.functions import FUNCTIONS
from tests.support.plain_agent import make_plain

# What the stack's resources belong to.
SERVICES = (
    "apigateway",
    "cloudformation",
    "cloudfront",
    "cloudwatch",
    "cognito-idp",
    "iam",
    "kms",
    "lambda",
    "logs",
    "dynamodb",
    "s3",
    "secretsmanager",
    "sns",
    "sqs",
    "sts",
)

_STACK_SECONDS = 60
_BUCKET = "packages"
_STAND_IN = """
import json
import urllib.request

def handler(event, context):
    request = urllib.request.Request("{url}", json.dumps(event).encode())
    with urllib.request.urlopen(request, timeout=60) as response:
        return json.load(response)
"""


class BotBehindGateway(Bot):
    """A bot whose stack runs in a local AWS."""

    def __init__(self, cloud: str, settings: Mapping[str, str]) -> None:
        self._cloud = cloud
        self._name = f"bot-{uuid.uuid4().hex[:12]}"
        self._host = FunctionHost(FUNCTIONS)
        outputs = self._create_stack()
        apis = f"{cloud}/_aws/execute-api"
        socket = f"{apis}/{outputs['SocketApiId']}/chat" if "SocketApiId" in outputs else None
        self._edge_loop = BackgroundLoop()
        self._edge = Edge(f"{apis}/{outputs['HttpApiId']}/$default", socket)
        url = self._edge_loop.run(self._edge.start(0))
        super().__init__(int(url.rpartition(":")[2]))
        ours = {"AWS_ENDPOINT_URL": cloud}
        if socket is not None:
            ours["SOCKET_CALLBACK_URL"] = socket
            ours["TURN_FUNCTION_NAME"] = f"{self._name}-turns"
            # As the stack does with its distribution's address.
            ours["ALLOWED_ORIGINS"] = f"{url},{settings.get('ALLOWED_ORIGINS', '')}"
        self._settings = OwnerSettings.model_validate(
            {name.lower(): value for name, value in {**settings, **ours}.items()}
        )
        self.container = self._make_container()
        self._host.open(self._make_container)

    def stop(self) -> None:
        """Delete the stack and end its functions."""
        self._edge_loop.run(self._edge.stop())
        self._edge_loop.close()
        self._client("cloudformation").delete_stack(StackName=self._name)
        self._host.close()

    def _make_container(self) -> FunctionContainer:
        container = function_container(self._settings)
        make_plain(container)
        return container

    def _create_stack(self) -> dict[str, str]:
        s3, formation = self._client("s3"), self._client("cloudformation")
        s3.create_bucket(Bucket=_BUCKET)
        s3.put_object(Bucket=_BUCKET, Key=self._name, Body=self._package())
        secret = self._client("secretsmanager").create_secret(Name=self._name, SecretString="{}")
        parameters = {
            "Environment": "staging",
            "CodeBucket": _BUCKET,
            "CodeKey": self._name,
            "SettingsSecretArn": secret["ARN"],
        }
        formation.create_stack(
            StackName=self._name,
            TemplateBody=(BOT_FOLDER / "cloudformation" / "stack.yaml").read_text("utf-8"),
            Capabilities=["CAPABILITY_IAM"],
            Parameters=[
                {"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()
            ],
        )
        return self._outputs(formation)

    def _outputs(self, formation: Any) -> dict[str, str]:
        deadline = time.monotonic() + _STACK_SECONDS
        while True:
            stack = formation.describe_stacks(StackName=self._name)["Stacks"][0]
            if stack["StackStatus"] == "CREATE_COMPLETE":
                return {o["OutputKey"]: o["OutputValue"] for o in stack["Outputs"]}
            assert stack["StackStatus"] == "CREATE_IN_PROGRESS", stack
            assert time.monotonic() < deadline, stack
            time.sleep(0.05)

    def _package(self) -> bytes:
        """Return a package with a stand-in for each function's module."""
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w") as package:
            for name in FUNCTIONS:
                code = _STAND_IN.format(url=f"{self._host.url}/{name}")
                package.writestr(f"interface/aws_lambda/{name}.py", code)
        return content.getvalue()

    def _client(self, service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=self._cloud,
            region_name="us-east-1",
            aws_access_key_id="local",
            aws_secret_access_key="local",
            config=Config(s3={"addressing_style": "path"}),
        )


class BotsBehindGateway:
    """Keeps one bot running, and replaces it when other settings are asked for."""

    def __init__(self, cloud: str, settings: Mapping[str, str]) -> None:
        self._cloud = cloud
        self._common = dict(settings)
        self._bots: dict[str, BotBehindGateway] = {}

    def __call__(self, **settings: str) -> BotBehindGateway:
        """Return the bot with these settings."""
        key = json.dumps(settings, sort_keys=True)
        if key not in self._bots:
            self._bots[key] = BotBehindGateway(self._cloud, {**self._common, **settings})
        return self._bots[key]

    @contextmanager
    def of_its_own(self, **settings: str) -> Iterator[BotBehindGateway]:
        """Run a bot beside the others, for a test that changes its parts."""
        bot = BotBehindGateway(self._cloud, {**self._common, **settings})
        try:
            yield bot
        finally:
            bot.stop()

    @contextmanager
    def replicas(self, **settings: str) -> Iterator[tuple[BotBehindGateway, BotBehindGateway]]:
        """Run a bot that is its own replica: each event meets whichever environment is free."""
        with self.of_its_own(**settings) as bot:
            yield bot, bot

    def stop(self) -> None:
        """Stop the bots that run."""
        for bot in self._bots.values():
            bot.stop()
