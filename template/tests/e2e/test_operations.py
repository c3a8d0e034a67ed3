"""What those who run the bot see of it: health, metrics, start and stop."""

import json
from collections.abc import AsyncIterator

import httpx
import pytest

import main
from app.dependency_injection.application_container import ApplicationContainer
from interface.application import create_application
from tests.conftest import StartBot
from tests.support.bots import BotInside, BotsInside
from tests.support.logs import LogLines
from tests.support.table_proxy import Mood, TableProxy


async def test_health_tells_that_the_process_lives_and_which_model_answers(
    bot: BotInside,
) -> None:
    async with httpx.AsyncClient(base_url=bot.url) as http:
        response = await http.get("/health")
    assert response.status_code == 200
    assert response.json() == {"status": "ok", "llm_provider": "offline"}


async def test_a_bot_without_its_table_is_alive_but_not_ready(
    bots: BotsInside, dynamodb_endpoint: str
) -> None:
    proxy = TableProxy(dynamodb_endpoint)
    with bots.of_its_own(LLM_PROVIDER="offline", AWS_ENDPOINT_URL_DYNAMODB=proxy.url) as bot:
        async with httpx.AsyncClient(base_url=bot.url, timeout=10) as http:
            assert (await http.get("/ready")).status_code == 200
            proxy.mood = Mood.AWAY
            assert (await http.get("/ready")).status_code == 503
            assert (await http.get("/health")).status_code == 200
            proxy.mood = Mood.SERVING
            assert (await http.get("/ready")).status_code == 200
    proxy.close()


@pytest.fixture
async def http(container: ApplicationContainer) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the application around `container`, without a network between."""
    transport = httpx.ASGITransport(create_application(container))
    async with httpx.AsyncClient(transport=transport, base_url="http://bot") as http:
        yield http


async def test_a_bot_that_stops_is_not_ready_any_more(
    container: ApplicationContainer, http: httpx.AsyncClient
) -> None:
    assert (await http.get("/ready")).status_code == 200
    await container.services.chat_service().drain()
    assert (await http.get("/ready")).status_code == 503
    assert (await http.get("/health")).status_code == 200


@pytest.mark.parametrize(("keys", "warnings"), [("", 1), ("a-key:Rita", 0)])
def test_a_bot_whose_tickets_nobody_can_answer_says_which_setting_is_missing(
    keys: str, warnings: int, bots: BotsInside, logs: LogLines
) -> None:
    with bots.of_its_own(LLM_PROVIDER="offline", OPERATOR_API_KEYS=keys) as bot:
        assert httpx.get(f"{bot.url}/health").status_code == 200
        missing = [line["missing"] for line in logs.events("no_operators")]
    assert missing == ["OPERATOR_API_KEYS"] * warnings


async def test_a_process_logs_in_json_and_ends_well(start_bot: StartBot) -> None:
    bot = await start_bot()
    async with httpx.AsyncClient(base_url=bot.url) as http:
        assert (await http.get("/health")).json()["status"] == "ok"
    assert await bot.stop() == 0
    lines = [json.loads(line) for line in bot.log().splitlines()]
    assert all({"event", "level", "timestamp", "logger"} <= line.keys() for line in lines)
    assert {line["level"] for line in lines} <= {"info", "warning"}


def test_a_wrong_setting_ends_the_process_with_one_line_that_names_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PORT", "http")
    with pytest.raises(SystemExit) as ending:
        main.main()
    # A text is printed to standard error, and the process exits with 1.
    assert isinstance(ending.value.code, str)
    assert ending.value.code.startswith("Settings: PORT: ")
    assert "\n" not in ending.value.code
