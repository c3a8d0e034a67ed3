"""What /metrics counts, and what it asks others for."""

import asyncio
import math
from collections.abc import AsyncIterator

import httpx
import pytest

from app.core.observability.metrics import Metrics
from app.core.observability.readings import BacklogReading, Readings
from app.core.settings.core import GRAPH_PRESET
from app.dependency_injection.application_container import ApplicationContainer
from domain.dto.backlog import Backlog
from domain.dto.chat import ChatRequest
from domain.exceptions.storage import StorageUnavailable
from interface.application import create_application
from tests.support.bedrock_fake import BedrockFake, Ending, Failure, Reply, Silence
from tests.support.conversing import hand_over
from tests.support.metrics import metrics_of, total
from tests.support.waiting import eventually

TURNS = f"channel=chat outcome={{}} preset={GRAPH_PRESET}"
OF_TURNS = f"channel=chat preset={GRAPH_PRESET}"


@pytest.fixture
async def http(container: ApplicationContainer) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the application around `container`, without a network between."""
    transport = httpx.ASGITransport(create_application(container))
    async with httpx.AsyncClient(transport=transport, base_url="http://bot") as http:
        yield http


async def ask(container: ApplicationContainer, question: str = "Hello!") -> None:
    async for _ in container.services.chat_service().run(ChatRequest("ana", question)):
        pass


async def test_turns_calls_and_tokens_are_counted(
    container: ApplicationContainer, http: httpx.AsyncClient, bedrock: BedrockFake
) -> None:
    bedrock.will(Reply(input_tokens=30, output_tokens=5), Reply(input_tokens=40, output_tokens=6))
    await ask(container)
    await ask(container)
    bedrock.will(Failure("AccessDeniedException", 403))
    await ask(container)
    answered = await metrics_of(http)
    bedrock.will(Silence())
    leaving = asyncio.create_task(ask(container))
    await eventually(lambda: len(bedrock.requests) == 4)
    during = await metrics_of(http)
    leaving.cancel()
    await asyncio.wait([leaving])

    values = await metrics_of(http)
    assert during["chatbot_turns_running channel=chat"] == 1
    assert values["chatbot_turns_running channel=chat"] == 0
    assert values[f"chatbot_turns_total {TURNS.format('answered')}"] == 2
    assert values[f"chatbot_turns_total {TURNS.format('model_refused')}"] == 1
    assert values[f"chatbot_turns_total {TURNS.format('cancelled')}"] == 1
    assert values[f"chatbot_turn_seconds_count {OF_TURNS}"] == 4
    assert values[f"chatbot_turn_first_token_seconds_count {OF_TURNS}"] == 2
    for outcome, calls in {"answered": 2, "model_refused": 1, "cancelled": 1}.items():
        assert total(values, "chatbot_model_calls_total", f"outcome={outcome}") == calls
    assert total(values, "chatbot_model_first_token_seconds_count") == 2
    assert answered["chatbot_model_tokens_total kind=input"] == 70
    assert answered["chatbot_model_tokens_total kind=output"] == 11
    # What was left cost something too: about as much as was asked.
    assert values["chatbot_model_tokens_total kind=input"] > 70


async def test_the_user_waits_longer_than_the_model_takes(
    container: ApplicationContainer, http: httpx.AsyncClient, bedrock: BedrockFake
) -> None:
    bedrock.will(Reply(text=("slow ", "answer"), pause=0.2))
    await ask(container)
    values = await metrics_of(http)
    first_of_the_call = total(values, "chatbot_model_first_token_seconds_sum")
    first = values[f"chatbot_turn_first_token_seconds_sum {OF_TURNS}"]
    whole = values[f"chatbot_turn_seconds_sum {OF_TURNS}"]
    assert 0 < first_of_the_call < first < whole


async def test_errors_are_counted_by_what_users_are_told(
    container: ApplicationContainer, http: httpx.AsyncClient, bedrock: BedrockFake
) -> None:
    bedrock.will(Reply(text=("cut",), ending=Ending.NO_STOP))
    await ask(container)
    await ask(container, "")
    values = await metrics_of(http)
    assert values["chatbot_errors_total channel=chat code=model_interrupted"] == 1
    assert values["chatbot_errors_total channel=chat code=question_empty"] == 1
    assert total(values, "chatbot_turns_total") == 1
    assert total(values, "chatbot_model_calls_total", "outcome=model_interrupted") == 1


@pytest.mark.parametrize(
    ("model", "dollars", "without_price"),
    [("us.amazon.nova-pro-v1:0", (1_000 * 0.8 + 100 * 3.2) / 1_000_000, 0), ("own-model", 0, 1)],
)
async def test_calls_are_counted_with_what_they_cost_or_as_without_a_price(
    model: str,
    dollars: float,
    without_price: int,
    container: ApplicationContainer,
    http: httpx.AsyncClient,
    bedrock: BedrockFake,
) -> None:
    bedrock.will(Reply(input_tokens=1_000, output_tokens=100))
    container.services.language_model_service().chat_model().model_id = model
    await ask(container)
    values = await metrics_of(http)
    assert total(values, "chatbot_model_cost_dollars_total", model) == pytest.approx(dollars)
    assert total(values, "chatbot_model_calls_without_price_total", model) == without_price


async def test_the_table_is_counted_by_operation_and_units(
    container: ApplicationContainer, http: httpx.AsyncClient, bedrock: BedrockFake
) -> None:
    bedrock.will(Reply())
    await ask(container)
    values = await metrics_of(http)
    requests = {
        key.split()[1].removeprefix("operation="): count
        for key, count in values.items()
        if key.startswith("chatbot_dynamodb_requests_total ") and key.endswith("=answered")
    }
    # What looks after waiting people queries, whenever it likes.
    requests.pop("Query", None)
    assert requests == {"BatchWriteItem": 1, "PutItem": 1, "UpdateItem": 2}
    # Question, session, chat, answer, preview and the limit, each under 1 KB.
    assert values["chatbot_dynamodb_consumed_units_total kind=write"] == 6


async def test_tickets_are_read_behind_the_back_of_whoever_looks(
    container: ApplicationContainer, http: httpx.AsyncClient, bedrock: BedrockFake
) -> None:
    registry = container.services.metrics().registry
    bedrock.always(Reply())
    assert math.isnan((await metrics_of(http))["chatbot_tickets_open"])
    await eventually(lambda: registry.get_sample_value("chatbot_tickets_open") == 0)
    await hand_over(container)
    # It was read once more before an operator gave the chat back.
    values = await metrics_of(http)
    assert values["chatbot_tickets_open"] == 1
    assert 0 < values["chatbot_tickets_oldest_wait_seconds"] < 60
    assert total(values, "chatbot_handoffs_total") == 1
    assert values["chatbot_handoffs_released_total channel=test"] == 1
    await container.readings().read_all()
    values = await metrics_of(http)
    assert values["chatbot_tickets_open"] == 0
    assert values["chatbot_tickets_oldest_wait_seconds"] == 0


async def test_readings_are_rare_and_what_cannot_be_read_is_not_guessed() -> None:
    metrics = Metrics()
    counts = iter((3, StorageUnavailable("away"), 4))
    read = 0

    async def backlog() -> Backlog:
        nonlocal read
        read += 1
        found = next(counts)
        if isinstance(found, Exception):
            raise found
        return Backlog(found)

    def value() -> float | None:
        return metrics.registry.get_sample_value("chatbot_letters")

    readings = Readings(
        [BacklogReading(metrics, "chatbot_letters", "chatbot_letters_wait", backlog)]
    )
    readings.refresh()
    readings.refresh()
    assert read == 0
    await eventually(lambda: value() == 3)
    readings.refresh()
    await asyncio.sleep(0)
    assert read == 1
    await readings.read_all()
    assert math.isnan(value() or 0)
    await readings.read_all()
    assert value() == 4
    await readings.stop()
    readings.refresh()
    await asyncio.sleep(0)
    assert read == 3
