"""How much a chat and a user may use."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, tzinfo
from typing import Any

import pytest

from app.core.service.chat.chat_service import ChatService
from app.core.settings_owner import OwnerSettings
from app.core.texts import ERROR_MESSAGES
from app.dependency_injection.application_container import ApplicationContainer
from app.dependency_injection.lifecycle import running
from domain.dto.chat import ChatRequest
from domain.dto.events import ChatEvent, EndEvent, ErrorEvent
from infra.dynamodb.dynamodb_client import DynamoDBClient
from infra.repositories.daily_budget_repository import DailyBudgetRepository
from tests.support.bedrock_fake import BedrockFake, Reply
from tests.support.plain_agent import A_PERSON, make_plain
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
