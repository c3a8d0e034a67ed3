"""What Langfuse is sent of a conversation; `pytest -n0 -s` on this file prints it."""

import uuid
from collections.abc import AsyncIterator, Iterator

import pytest

from app.core.service.llm.graph.prompts import SYSTEM_PROMPT
from app.core.settings_owner import OwnerSettings
from app.dependency_injection.application_container import ApplicationContainer
from app.dependency_injection.lifecycle import running
from domain.dto.chat import ChatRequest
from domain.dto.events import EndEvent
from domain.dto.rating import Rating
from domain.ids import now_timestamp
from tests.support.bedrock_fake import BedrockFake, Reply
from tests.support.langfuse_fake import LangfuseFake

USER = "user_of_the_shop"
MODEL = "us.anthropic.claude-sonnet-5-5"


@pytest.fixture
def langfuse() -> Iterator[LangfuseFake]:
    server = LangfuseFake()
    yield server
    server.close()


@pytest.fixture
async def bot(
    dynamodb_endpoint: str, table: str, bedrock: BedrockFake, langfuse: LangfuseFake
) -> AsyncIterator[ApplicationContainer]:
    """The bot with its own graph; the test stops it, so that everything is sent."""
    settings = OwnerSettings.model_validate(
        {
            "aws_endpoint_url_dynamodb": dynamodb_endpoint,
            "aws_endpoint_url_bedrock_runtime": bedrock.url,
            "bedrock_model_id_chat": MODEL,
            "model_prices": f"{MODEL}=2/10/0.2/2.5",
            "ddb_table": table,
            "langfuse_host": langfuse.url,
            "langfuse_public_key": f"pk-{uuid.uuid4().hex}",
            "langfuse_secret_key": "sk-secret",
        }
    )
    container = ApplicationContainer(settings=settings)
    async with running(container):
        yield container


async def ask(bot: ApplicationContainer, question: str, chat_id: str | None = None) -> EndEvent:
    request = ChatRequest(USER, question, chat_id, channel="rest")
    *_, end = [event async for event in bot.services.chat_service().run(request)]
    assert isinstance(end, EndEvent)
    return end


def decided(intent: str, order: str) -> Reply:
    arguments = {
        "intent": intent,
        "order_number": order,
        "topic": "the grinder",
        "confidence": 0.9,
        "asks_for_human": False,
    }
    return Reply(
        tool="SupportDecision",
        arguments=arguments,
        input_tokens=350,
        output_tokens=45,
        cache_read_tokens=900,
    )


async def test_a_conversation_that_a_person_takes_over(
    bot: ApplicationContainer, bedrock: BedrockFake, langfuse: LangfuseFake
) -> None:
    bedrock.will(
        decided("order", "1001"),
        Reply(text=("It is ", "on its way."), input_tokens=420, output_tokens=31),
        decided("complaint", "1002"),
    )
    told = await ask(bot, "Where is my order 1001? My CPF is 123.456.789-09.")
    bot.gateways.tracing_client().rated(
        Rating(told.chat_id, told.message_id, "user", True, "", "rest", now_timestamp())
    )
    handed_over = await ask(bot, "And the grinder of order 1002 is broken!", told.chat_id)
    assert handed_over.payload()["handoff"]
    await bot.services.chat_service().stop()
    print(langfuse.told())

    first, second = [span for span in langfuse.spans() if span.name == "turn"]
    parts = {
        turn.span_id: [
            (span.name, span.attributes["langfuse.observation.type"])
            for span in langfuse.spans()
            if span.parent_id == turn.span_id
        ]
        for turn in (first, second)
    }
    assert parts[first.span_id] == [
        ("identify_intent", "generation"),
        ("SampleOrders.find", "tool"),
        ("respond", "generation"),
    ]
    assert parts[second.span_id] == [
        ("identify_intent", "generation"),
        ("SampleOrders.find", "tool"),
        ("handed_over", "event"),
    ]
    identified, looked_up, answered, *_ = (s for s in langfuse.spans() if s.name != "turn")
    (asked,) = identified.json("langfuse.observation.output")["tool_calls"]
    assert (asked["name"], asked["args"]["intent"]) == ("SupportDecision", "order")
    assert looked_up.json("langfuse.observation.input") == {
        "user_id": first.attributes["user.id"],
        "number": "1001",
    }
    assert looked_up.json("langfuse.observation.output")["number"] == "1001"
    assert answered.json("langfuse.observation.input")[0]["content"] == SYSTEM_PROMPT
    assert sum(answered.json("langfuse.observation.cost_details").values()) == pytest.approx(
        (420 * 2 + 31 * 10) / 1_000_000
    )
    for private in ("123.456", USER):
        assert private not in langfuse.everything()
