"""What the tests share: a real local table, a model on the wire, and running bots."""

import asyncio
import logging
import os
import ssl
import subprocess
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from botocore.httpsession import DEFAULT_CA_BUNDLE
from botocore.loaders import create_loader
from langchain_core.language_models import BaseChatModel

from app.core.observability.logs import configure_logs
from app.core.service.llm.bedrock_chat_service import BedrockChatService
from app.core.settings_owner import OwnerSettings
from app.dependency_injection.application_container import ApplicationContainer
from app.dependency_injection.lifecycle import running
from infra.aws.aws_connection import AwsConnection, AwsOptions
from infra.bedrock.bedrock_client import BedrockClient
from infra.dynamodb.dynamodb_client import DynamoDBClient
from infra.local_aws.local_aws import LocalAws
from tests.support.bedrock_fake import BedrockFake
from tests.support.bots import BotInside, BotProcess, BotsInside, launch, until_ready
from tests.support.logs import LogLines
from tests.support.plain_container import make_plain
from tests.support.tables import Tables

StartBot = Callable[..., Awaitable[BotProcess]]

_FOREIGN_SETTINGS = ("AWS_", "LANGCHAIN_", "LANGSMITH_", "OTEL_")
# Should a test run be killed, the local AWS soon ends by itself.
_LINGER_SECONDS = 20


@pytest.fixture(scope="session", autouse=True)
def clean_environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Hide the developer's own settings, `.env`, credentials and proxies from the tests."""
    ours = {name.upper() for name in OwnerSettings.model_fields}
    home = tmp_path_factory.mktemp("home")
    nowhere = str(home / "none")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(home)
        for name in list(os.environ):
            if name in ours or name.startswith(_FOREIGN_SETTINGS) or name[-6:].upper() == "_PROXY":
                patch.delenv(name)
        patch.setenv("AWS_CONFIG_FILE", nowhere)
        patch.setenv("AWS_SHARED_CREDENTIALS_FILE", nowhere)
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        patch.setenv("AWS_CA_BUNDLE", str(one_root_certificate(home)))
        yield


def one_root_certificate(folder: Path) -> Path:
    """Write down the first of botocore's: to read all, for each client anew, costs 20 ms of CPU."""
    end = "-----END CERTIFICATE-----"
    first, _, _ = Path(DEFAULT_CA_BUNDLE).read_text("utf-8").partition(end)
    file = folder / "root.pem"
    file.write_text(f"{first}{end}\n", "utf-8")
    return file


@pytest.fixture(scope="session", autouse=True)
def configured_logs() -> None:
    """Write the logs of what runs inside the tests' process as a bot does."""
    configure_logs("INFO")


@pytest.fixture(scope="session", autouse=True)
def one_copy_of_large_files() -> Iterator[None]:
    """Have service descriptions and root certificates read once, not anew for each client."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("botocore.session.create_loader", cache(create_loader))
        patch.setattr("ssl.create_default_context", cache(ssl.create_default_context))
        yield


@pytest.fixture
def logs(configured_logs: None) -> Iterator[LogLines]:
    """What is logged during the test, at INFO and above."""
    lines = LogLines()
    logging.getLogger().addHandler(lines)
    yield lines
    logging.getLogger().removeHandler(lines)


@pytest.fixture(scope="session")
def dynamodb_endpoint(
    clean_environment: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The URL of a DynamoDB: TEST_DYNAMODB_ENDPOINT, or the bot's own local AWS.

    The workers of pytest-xdist share one local AWS, as several bots on one machine do.
    """
    given = os.environ.get("TEST_DYNAMODB_ENDPOINT")
    if given:
        yield given
        return
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    local_aws = LocalAws(shared / "local-aws", linger_seconds=_LINGER_SECONDS)
    yield asyncio.run(local_aws.start())
    asyncio.run(local_aws.stop())


@pytest.fixture(scope="session")
def tables(dynamodb_endpoint: str) -> Iterator[Tables]:
    """Creates tables, and looks into them past the bot."""
    tables = Tables(dynamodb_endpoint)
    yield tables
    tables.close()


@pytest.fixture
def table(tables: Tables) -> str:
    """The name of a new, empty table."""
    return tables.create()


@pytest.fixture
async def dynamodb(dynamodb_endpoint: str, table: str) -> AsyncIterator[DynamoDBClient]:
    """The bot's client of the new table."""
    connection = AwsConnection(AwsOptions("us-east-1", dynamodb_endpoint_url=dynamodb_endpoint))
    client = DynamoDBClient(connection, table)
    await client.start()
    yield client
    await connection.stop()


@pytest.fixture(scope="session")
def bedrock_server(clean_environment: None) -> Iterator[BedrockFake]:
    server = BedrockFake()
    yield server
    server.close()


@pytest.fixture
def bedrock(bedrock_server: BedrockFake) -> BedrockFake:
    """A model on the wire that answers as the test says; a new test finds it without scripts."""
    bedrock_server.reset()
    return bedrock_server


@pytest.fixture
async def bedrock_client(bedrock: BedrockFake) -> AsyncIterator[BedrockClient]:
    """The bot's client of `bedrock`."""
    connection = AwsConnection(AwsOptions("us-east-1", bedrock_endpoint_url=bedrock.url))
    client = BedrockClient(connection)
    await client.start()
    yield client
    await client.stop()
    await connection.stop()


@pytest.fixture
def claude(bedrock_client: BedrockClient) -> BaseChatModel:
    """The chat model that a bot with LLM_PROVIDER=bedrock gives to its graph."""
    model_id = "us.anthropic.claude-sonnet-5-5"
    return BedrockChatService(bedrock_client, model_id, "us-east-1").chat_model()


@pytest.fixture
async def container(
    dynamodb_endpoint: str, table: str, bedrock: BedrockFake
) -> AsyncIterator[ApplicationContainer]:
    """The bot's parts without a web server, started: on `table`, and with `bedrock` as the model."""
    settings = OwnerSettings(
        aws_endpoint_url_dynamodb=dynamodb_endpoint,
        aws_endpoint_url_bedrock_runtime=bedrock.url,
        ddb_table=table,
    )
    container = ApplicationContainer(settings=settings)
    make_plain(container)
    async with running(container):
        yield container


@pytest.fixture(scope="session")
def bots(
    dynamodb_endpoint: str, tables: Tables, bedrock_server: BedrockFake
) -> Iterator[BotsInside]:
    """Runs the bot inside the tests' process, on one table for all: `bots(PORT="0", …)`."""
    bots = BotsInside(
        {
            "PORT": "0",
            "AWS_ENDPOINT_URL_DYNAMODB": dynamodb_endpoint,
            "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": bedrock_server.url,
            "DDB_TABLE": tables.create(),
        }
    )
    yield bots
    bots.stop()


@pytest.fixture
def bot(bots: BotsInside) -> BotInside:
    """A running bot with the offline model, which answers at once."""
    return bots(LLM_PROVIDER="offline")


@pytest.fixture
def bedrock_bot(bots: BotsInside, bedrock: BedrockFake) -> BotInside:
    """A running bot whose model is `bedrock`."""
    return bots(LLM_PROVIDER="bedrock")


@pytest.fixture
async def start_bot(dynamodb_endpoint: str, table: str, tmp_path: Path) -> AsyncIterator[StartBot]:
    """Starts `python main.py` with the given environment, by default on `table` and offline."""
    started: list[subprocess.Popen[bytes]] = []

    async def start(**environment: str) -> BotProcess:
        settings = {
            "PORT": "0",
            "AWS_ENDPOINT_URL_DYNAMODB": dynamodb_endpoint,
            "DDB_TABLE": table,
            "LLM_PROVIDER": "offline",
        }
        process, log = launch(tmp_path / f"bot-{len(started)}", settings | environment)
        started.append(process)
        return await until_ready(process, log)

    yield start
    for process in started:
        process.kill()
        process.wait()


@pytest.fixture
def user_id() -> str:
    """Somebody nobody knows yet."""
    return f"user_{uuid.uuid4().hex}"
