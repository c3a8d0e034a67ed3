"""How much a chat and a user may use."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from datetime import UTC, datetime, tzinfo
from typing import Any

import pytest

from app.core.service.chat.chat_service import ChatService
from app.core.settings_owner import OwnerSettings
from app.core.texts import ERROR_MESSAGES
from app.dependency_injection.application_container import ApplicationContainer
from app.dependency_injection.lifecycle import running
from domain.dto.chat import ChatRequest
from domain.dto.events import ChatEvent, EndEvent, ErrorEvent, TokenEvent
from infra.dynamodb.dynamodb_client import DynamoDBClient
from infra.repositories.daily_budget_repository import DailyBudgetRepository
from tests.support.bedrock_fake import BedrockFake, Ending, Reply
from tests.support.plain_agent import A_PERSON
from tests.support.plain_container import make_plain
from tests.support.tables import Tables

BotWith = Callable[..., AbstractAsyncContextManager[ApplicationContainer]]


@pytest.fixture
def bot_with(dynamodb_endpoint: str, table: str, bedrock: BedrockFake) -> BotWith:
    """A bot without a channel, with these settings."""

    @asynccontextmanager
    async def start(**settings: Any) -> AsyncIterator[ApplicationContainer]:
        container = ApplicationContainer(
            settings=OwnerSettings(
                aws_endpoint_url_dynamodb=dynamodb_endpoint,
                aws_endpoint_url_bedrock_runtime=bedrock.url,
                ddb_table=table,
                **settings,
            )
        )
        make_plain(container)
        async with running(container):
            yield container

    return start


async def ask(
    container: ApplicationContainer, chat_id: str | None = None, user_id: str = "ana"
) -> ChatEvent:
    """Return the last event of a turn."""
    request = ChatRequest(user_id, "Hello!", chat_id)
    service: ChatService = container.services.chat_service()
    *_, last = [event async for event in service.run(request)]
    return last


def code_of(event: ChatEvent) -> str:
    assert isinstance(event, ErrorEvent)
    assert event.message == ERROR_MESSAGES[event.code]
    return event.code


# A turn of the fake model: 11 tokens in, 7 out.
@pytest.mark.parametrize(
    ("settings", "turns"),
    [
        ({"budget_turns_per_chat": 3}, 3),
        ({"budget_tokens_per_chat": 36}, 2),
        ({"budget_tokens_per_chat": 37}, 3),
    ],
)
async def test_a_chat_ends_where_its_budget_is_spent_and_a_new_one_begins(
    settings: dict[str, int], turns: int, bot_with: BotWith, bedrock: BedrockFake
) -> None:
    bedrock.will(*[Reply()] * (turns + 1))
    async with bot_with(**settings) as container:
        first = await ask(container)
        assert isinstance(first, EndEvent)
        for _ in range(turns - 1):
            assert isinstance(await ask(container, first.chat_id), EndEvent)
        assert code_of(await ask(container, first.chat_id)) == "chat_budget_spent"
        assert len(bedrock.requests) == turns
        assert isinstance(await ask(container), EndEvent)


@pytest.mark.parametrize(
    ("settings", "turns"), [({"budget_turns_per_day": 2}, 2), ({"budget_tokens_per_day": 36}, 2)]
)
async def test_a_user_whose_budget_is_spent_comes_back_tomorrow_and_others_go_on(
    settings: dict[str, int], turns: int, bot_with: BotWith, bedrock: BedrockFake
) -> None:
    bedrock.will(*[Reply()] * (turns + 1))
    async with bot_with(**settings) as container:
        for _ in range(turns):
            assert isinstance(await ask(container), EndEvent)
        assert code_of(await ask(container)) == "user_budget_spent"
        assert isinstance(await ask(container, user_id="eva"), EndEvent)
        assert len(bedrock.requests) == turns + 1


@pytest.mark.parametrize("ending", [Ending.CUT, Ending.SILENCE], ids=["failed", "cancelled"])
@pytest.mark.parametrize(
    "settings",
    [{"budget_tokens_per_day": 60}, {"budget_tokens_per_chat": 60}, {"budget_turns_per_chat": 4}],
    ids=str,
)
async def test_turns_without_an_answer_use_the_budgets_up_as_well(
    settings: dict[str, int], ending: Ending, bot_with: BotWith, bedrock: BedrockFake
) -> None:
    async with bot_with(**settings) as container:
        first = await ask(container)
        assert isinstance(first, EndEvent)
        # More of them than the messages that are read back.
        bedrock.always(Reply(text=("x" * 100, "y"), ending=ending))
        codes = [await unfinished(container, first.chat_id) for _ in range(25)]
        refused = {"user_budget_spent"} if "per_day" in str(settings) else {"chat_budget_spent"}
        assert set(codes[5:]) == refused
        assert 1 < len(bedrock.requests) < 6


async def unfinished(container: ApplicationContainer, chat_id: str) -> str:
    """Ask, and leave as soon as the model wrote something; returns the code if it was refused."""
    request = ChatRequest("ana", "Hello!", chat_id, stream=True)
    async with aclosing(container.services.chat_service().run(request)) as events:
        async for event in events:
            if isinstance(event, ErrorEvent):
                return event.code
            if isinstance(event, TokenEvent) and event.delta == "y":
                return "left"
    raise AssertionError("it was answered")


async def test_what_is_counted_after_midnight_expires_too(
    dynamodb: DynamoDBClient, tables: Tables, table: str
) -> None:
    await DailyBudgetRepository(dynamodb, turns=0, tokens=10).spend("ana", 3)
    (counter,) = tables.items(table)
    assert counter["tokens"] == {"N": "3"}
    assert "expires_at" in counter


async def test_tomorrow_is_another_day(
    dynamodb: DynamoDBClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    today = datetime(2026, 1, 31, 23, 59, tzinfo=UTC)

    class Clock:
        @staticmethod
        def now(timezone: tzinfo) -> datetime:
            return today.astimezone(timezone)

    monkeypatch.setattr("infra.repositories.daily_budget_repository.datetime", Clock)
    budget = DailyBudgetRepository(dynamodb, turns=1, tokens=0)
    assert [await budget.admit("ana"), await budget.admit("ana")] == [True, False]
    today = datetime(2026, 2, 1, tzinfo=UTC)
    assert await budget.admit("ana")


async def test_without_budgets_nothing_is_counted(
    dynamodb: DynamoDBClient, tables: Tables, table: str
) -> None:
    budget = DailyBudgetRepository(dynamodb, turns=0, tokens=0)
    assert await budget.admit("ana")
    await budget.spend("ana", 100)
    assert tables.items(table) == []


async def test_a_person_is_written_to_also_when_every_budget_is_spent(
    bot_with: BotWith, bedrock: BedrockFake
) -> None:
    async with bot_with(budget_turns_per_chat=1, budget_turns_per_day=1) as container:
        service = container.services.chat_service()
        *_, end = [event async for event in service.run(ChatRequest("ana", A_PERSON))]
        assert isinstance(end, EndEvent)
        silent = await ask(container, end.chat_id)
        assert isinstance(silent, EndEvent)
        assert silent.handoff
