"""What is answered while the bot starts, and how soon."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator

import httpx
import pytest
from dependency_injector import providers

from app.core.settings_owner import OwnerSettings
from interface.application import create_application
from interface.server import Server
from tests.support.bot_folder import BOT_FOLDER
from tests.support.plain_container import plain_container
from tests.support.waiting import eventually

# What takes longest to import; a process that only reads the table can do without.
LATE = {"langchain_aws", "langchain_core", "langgraph", "langsmith", "numpy"}


class SlowPart:
    """A part that starts when it is told to."""

    def __init__(self) -> None:
        self.may_start = asyncio.Event()
        self.is_starting = False
        self.is_stopped = False

    async def start(self) -> None:
        self.is_starting = True
        await self.may_start.wait()

    async def stop(self) -> None:
        self.is_stopped = True


@pytest.fixture
def slow_part() -> SlowPart:
    return SlowPart()


@pytest.fixture
async def server(dynamodb_endpoint: str, table: str, slow_part: SlowPart) -> AsyncIterator[Server]:
    """A server that listens and whose parts wait for the slow one."""
    settings = OwnerSettings.model_validate(
        {
            "port": 0,
            "llm_provider": "offline",
            "aws_endpoint_url_dynamodb": dynamodb_endpoint,
            "ddb_table": table,
        }
    )
    container = plain_container(settings)
    container.lifecycle.override(
        providers.List(container.gateways.dynamodb_client, providers.Object(slow_part))
    )
    server = Server(container, create_application(container))
    serving = asyncio.create_task(server.serve())
    await eventually(lambda: server.started)
    yield server
    server.should_exit = True
    await asyncio.wait_for(serving, 10)


@pytest.fixture
async def http(server: Server) -> AsyncIterator[httpx.AsyncClient]:
    port = server.servers[0].sockets[0].getsockname()[1]
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=10) as http:
        yield http


async def test_health_is_answered_while_the_parts_start(http: httpx.AsyncClient) -> None:
    assert (await http.get("/health")).json()["status"] == "ok"


async def test_what_needs_the_parts_waits_until_they_run(
    http: httpx.AsyncClient, slow_part: SlowPart
) -> None:
    asking = asyncio.create_task(http.get("/ready"))
    await http.get("/health")
    assert not asking.done()

    slow_part.may_start.set()

    assert (await asking).json() == {"status": "ready"}


async def test_a_signal_while_the_parts_start_stops_those_that_run(
    server: Server, slow_part: SlowPart
) -> None:
    await eventually(lambda: slow_part.is_starting)
    server.should_exit = True

    await eventually(lambda: slow_part.is_stopped)

    assert not server.servers[0].is_serving()
    assert not server.gate.is_open


def test_langgraph_and_langchain_are_imported_only_for_a_turn() -> None:
    code = f"import main, sys; print(*{LATE} & sys.modules.keys())"

    done = subprocess.run(
        [sys.executable, "-c", code], cwd=BOT_FOLDER, capture_output=True, text=True, timeout=60
    )

    assert (done.returncode, done.stdout.strip()) == (0, ""), done.stderr
