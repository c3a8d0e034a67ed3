"""The tests of the protocol run on both transports: the bot's own server, and API Gateway."""

import asyncio
from collections.abc import Iterator

import pytest

from infra.local_aws.local_aws import LocalAws
from tests.support.bedrock_fake import BedrockFake
from tests.support.bots import BotsInside
from tests.support.gateway import SERVICES, BotsBehindGateway
from tests.support.limits import LIMITS
from tests.support.tables import Tables
from tests.support.transport_limit import Limit

_LINGER_SECONDS = 20


@pytest.fixture(scope="session")
def cloud(
    clean_environment: None, tmp_path_factory: pytest.TempPathFactory, testrun_uid: str
) -> Iterator[str]:
    """The URL of a local AWS that can create the bot's stack."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if base.name.startswith("popen-") else base
    local_aws = LocalAws(shared / "gateway-aws", services=SERVICES, linger_seconds=_LINGER_SECONDS)
    yield asyncio.run(local_aws.start())
    asyncio.run(local_aws.stop())


@pytest.fixture(scope="session")
def bots_behind_gateway(
    cloud: str, dynamodb_endpoint: str, tables: Tables, bedrock_server: BedrockFake
) -> Iterator[BotsBehindGateway]:
    bots = BotsBehindGateway(
        cloud,
        {
            "AWS_ENDPOINT_URL_DYNAMODB": dynamodb_endpoint,
            "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": bedrock_server.url,
            "DDB_TABLE": tables.create(),
        },
    )
    yield bots
    bots.stop()


@pytest.fixture(scope="session")
def bots_inside(bots: BotsInside) -> BotsInside:
    """The bots of the fixture that this module puts another in front of."""
    return bots


@pytest.fixture(scope="session", params=["server", "gateway"])
def bots(request: pytest.FixtureRequest) -> BotsInside | BotsBehindGateway:
    """Runs the bot: `bots(LLM_PROVIDER="offline", …)`, on either transport."""
    name = {"server": "bots_inside", "gateway": "bots_behind_gateway"}[request.param]
    chosen: BotsInside | BotsBehindGateway = request.getfixturevalue(name)
    return chosen


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what API Gateway does otherwise; tests/support/limits/ says what and why."""
    found = {item: [limit for limit in LIMITS if _applies(limit, item)] for item in items}
    beyond = [item for item, limits in found.items() if limits]
    config.hook.pytest_deselected(items=beyond)
    items[:] = [item for item, limits in found.items() if not limits]


def _applies(limit: Limit, item: pytest.Item) -> bool:
    test, _, case = item.name.partition("[")
    return (
        case.startswith("gateway")
        and item.path.name == limit.file
        and test.startswith(limit.test)
        and limit.case in case
    )
