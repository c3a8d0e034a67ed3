"""What a function is started with: its environment, its secret, and Lambda's runtime client."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.core.config import SettingsError
from app.dependency_injection.function_settings import load_function_settings
from infra.secrets.settings_secret import SettingsSecretError
from tests.support.bot_folder import BOT_FOLDER
from tests.support.lambda_fakes import RuntimeApiFake, SecretsManagerFake

ARN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:bot/staging-AbCdEf"
SETTINGS = {"OPERATOR_API_KEYS": "a-key:Rita", "LOG_LEVEL": "ERROR"}
AWS_ENVIRONMENT = {
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "local",
    "AWS_SECRET_ACCESS_KEY": "local",
}
_START_SECONDS = 60


def request(path: str) -> dict[str, Any]:
    """Return an event of API Gateway, payload format 2.0."""
    http = {"method": "GET", "path": path, "protocol": "HTTP/1.1", "sourceIp": "203.0.113.7"}
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"host": "api.example.org"},
        "requestContext": {"stage": "$default", "http": http},
        "isBase64Encoded": False,
    }


@pytest.fixture
def secrets() -> Iterator[SecretsManagerFake]:
    fake = SecretsManagerFake({ARN: json.dumps(SETTINGS), f"{ARN}2": "[]", f"{ARN}3": "no JSON"})
    yield fake
    fake.close()


@pytest.fixture
def environment(secrets: SecretsManagerFake, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The environment of a function whose secrets are in `secrets`."""
    for name, value in AWS_ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", secrets.url)
    for name in SETTINGS:
        # What the secret sets would outlast the test.
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    return monkeypatch


async def test_secret_settings_are_read_and_those_of_the_environment_stay(
    environment: pytest.MonkeyPatch,
) -> None:
    environment.setenv("SETTINGS_SECRET_ARN", ARN)
    environment.setenv("LOG_LEVEL", "WARNING")

    settings = await load_function_settings()

    assert settings.operator_names() == {"a-key": "Rita"}
    assert settings.log_level == "WARNING"


@pytest.mark.parametrize("arn", [f"{ARN}1", f"{ARN}2", f"{ARN}3"])
async def test_a_secret_that_cannot_be_read_is_named(
    arn: str, environment: pytest.MonkeyPatch
) -> None:
    environment.setenv("SETTINGS_SECRET_ARN", arn)

    with pytest.raises(SettingsSecretError, match=arn):
        await load_function_settings()


async def test_a_wrong_setting_is_named(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("LOG_LEVEL", "LOUD")

    with pytest.raises(SettingsError, match="LOG_LEVEL"):
        await load_function_settings()


@pytest.mark.skipif(sys.platform != "linux", reason="Lambda's runtime client is for Linux alone")
def test_the_images_command_serves_events(
    dynamodb_endpoint: str, table: str, secrets: SecretsManagerFake, tmp_path: Path
) -> None:
    runtime = RuntimeApiFake(request("/health"), request("/ready"))
    settings = {
        "AWS_LAMBDA_RUNTIME_API": runtime.url.removeprefix("http://"),
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1769",
        "AWS_ENDPOINT_URL_SECRETS_MANAGER": secrets.url,
        "AWS_ENDPOINT_URL_DYNAMODB": dynamodb_endpoint,
        "SETTINGS_SECRET_ARN": ARN,
        "DDB_TABLE": table,
        "LLM_PROVIDER": "offline",
    }
    with (tmp_path / "function.log").open("wb") as log:
        function = subprocess.Popen(
            [sys.executable, "-m", "awslambdaric", "interface.aws_lambda.http.handler"],
            cwd=BOT_FOLDER,
            env={**os.environ, **AWS_ENVIRONMENT, **settings},
            stdout=log,
            stderr=log,
        )
    try:
        health, ready = runtime.next_answer(_START_SECONDS), runtime.next_answer(_START_SECONDS)
    finally:
        function.kill()
        function.wait()
        runtime.close()

    assert json.loads(health["body"]) == {"status": "ok", "llm_provider": "offline"}
    assert (ready["statusCode"], json.loads(ready["body"])) == (200, {"status": "ready"})
