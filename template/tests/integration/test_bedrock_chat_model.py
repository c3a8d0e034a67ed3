"""The model as the graph's nodes see it: LangChain on one side, Bedrock's wire on the other."""

from typing import Any

import pytest
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage, ToolMessage
from langchain_core.tools import tool
from pydantic import BaseModel

from app.core.service.llm.bedrock_chat_service import MAX_OUTPUT_TOKENS, BedrockChatService
from app.core.settings_owner import OwnerSettings
from domain.exceptions.model import ModelInterrupted
from infra.bedrock.bedrock_client import BedrockClient
from tests.support.bedrock_fake import BedrockFake, Ending, Reply

CLAUDE = "us.anthropic.claude-sonnet-5-5"
NOVA = "us.amazon.nova-pro-v1:0"
PROFILE_ARN = "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc123"


class Intent(BaseModel):
    """What a person wants."""

    name: str
    confidence: float


@tool
def find_order(number: int) -> str:
    """Find an order by its number."""
    return f"order {number}"


def chat_model(client: BedrockClient, model_id: str) -> BaseChatModel:
    return BedrockChatService(client, model_id, "us-east-1").chat_model()


def without_cache_points(body: dict[str, Any]) -> list[tuple[str, list[str]]]:
    """Return who says what in a request."""
    return [
        (message["role"], [block["text"] for block in message["content"] if "text" in block])
        for message in body["messages"]
    ]


async def test_an_answer_is_its_text_with_its_usage(
    claude: BaseChatModel, bedrock: BedrockFake
) -> None:
    bedrock.will(Reply(text=("Bom ", "dia", "!"), input_tokens=3, output_tokens=4))
    answer = await claude.ainvoke("Hello")
    assert isinstance(answer, AIMessage)
    assert answer.content == "Bom dia!"
    assert answer.usage_metadata is not None
    assert answer.usage_metadata["input_tokens"] == 3
    assert answer.usage_metadata["output_tokens"] == 4
    (body,) = bedrock.bodies()
    assert body["inferenceConfig"] == {"maxTokens": MAX_OUTPUT_TOKENS}
    assert bedrock.model_ids() == [CLAUDE]


async def test_a_streamed_answer_comes_in_its_pieces(
    claude: BaseChatModel, bedrock: BedrockFake
) -> None:
    bedrock.will(Reply(text=("Bom ", "dia", "!")))
    chunks = [chunk async for chunk in claude.astream("Hello")]
    assert [chunk.text for chunk in chunks if chunk.text] == ["Bom ", "dia", "!"]
    usages = [chunk.usage_metadata for chunk in chunks if chunk.usage_metadata]
    assert [usage["output_tokens"] for usage in usages] == [7]


@pytest.mark.parametrize(
    ("messages", "said"),
    [
        (
            [HumanMessage("one"), HumanMessage("two")],
            [("user", ["one\ntwo"])],
        ),
        (
            [HumanMessage("one"), AIMessage("answer"), HumanMessage("two")],
            [("user", ["one"]), ("assistant", ["answer"]), ("user", ["two"])],
        ),
        (
            [HumanMessage("one"), AIMessage("half"), AIMessage("other half"), HumanMessage("two")],
            [("user", ["one"]), ("assistant", ["half\nother half"]), ("user", ["two"])],
        ),
    ],
    ids=["two questions", "one of each", "two answers"],
)
async def test_roles_alternate_whatever_stands_together(
    messages: list[BaseMessage],
    said: list[tuple[str, list[str]]],
    claude: BaseChatModel,
    bedrock: BedrockFake,
) -> None:
    await claude.ainvoke([SystemMessage("You help."), *messages])
    (body,) = bedrock.bodies()
    assert without_cache_points(body) == said
    assert body["system"][0] == {"text": "You help."}


FOUNDATION = "arn:aws:bedrock:us-east-1::foundation-model"


@pytest.mark.parametrize(
    ("model_id", "caches"),
    [
        (CLAUDE, True),
        ("global.anthropic.claude-haiku-5-5", True),
        ("anthropic.claude-3-5-sonnet-20241022-v2:0", True),
        (NOVA, True),
        (PROFILE_ARN, True),
        (f"{FOUNDATION}/amazon.nova-lite-v1:0", True),
        ("anthropic.claude-3-5-sonnet-20240620-v1:0", False),
        ("anthropic.claude-3-haiku-20240307-v1:0", False),
        ("us.meta.llama4-scout-17b-instruct-v1:0", False),
        ("mistral.mistral-large-2402-v1:0", False),
        (f"{FOUNDATION}/meta.llama3-70b-instruct-v1:0", False),
    ],
)
async def test_a_model_that_can_is_asked_to_cache_the_prompt_and_what_was_said_before(
    model_id: str, caches: bool, bedrock_client: BedrockClient, bedrock: BedrockFake
) -> None:
    model = chat_model(bedrock_client, model_id)
    conversation = [HumanMessage("one"), AIMessage("answer"), HumanMessage("two")]
    await model.ainvoke([SystemMessage("You help."), *conversation])
    (body,) = bedrock.bodies()
    for last in (body["system"][-1], body["messages"][-1]["content"][-1]):
        assert ("cachePoint" in last) is caches


async def test_a_tool_is_offered_called_and_its_result_sent_back(
    claude: BaseChatModel, bedrock: BedrockFake
) -> None:
    bedrock.will(Reply(tool="find_order", arguments={"number": 42}), Reply(text=("Sent.",)))
    with_tool = claude.bind_tools([find_order])
    question = HumanMessage("Where is order 42?")
    call = await with_tool.ainvoke([question])
    assert [(c["name"], c["args"]) for c in call.tool_calls] == [("find_order", {"number": 42})]

    result = ToolMessage(find_order.invoke({"number": 42}), tool_call_id=call.tool_calls[0]["id"])
    answer = await with_tool.ainvoke([question, call, result])
    assert answer.text == "Sent."
    first, second = bedrock.bodies()
    assert first["toolConfig"]["tools"][0]["toolSpec"]["name"] == "find_order"
    tool_result = second["messages"][-1]["content"][0]["toolResult"]
    assert tool_result["toolUseId"] == call.tool_calls[0]["id"]
    assert tool_result["content"] == [{"text": "order 42"}]


async def test_structured_output_is_an_instance_of_its_schema(
    claude: BaseChatModel, bedrock: BedrockFake
) -> None:
    bedrock.will(Reply(tool="Intent", arguments={"name": "faq", "confidence": 0.9}))
    intent = await claude.with_structured_output(Intent).ainvoke("Do you deliver?")
    assert intent == Intent(name="faq", confidence=0.9)


@pytest.mark.parametrize("version", ["DRAFT", "3"])
async def test_a_guardrail_sees_every_call_before_the_user_does(
    version: str, bedrock_client: BedrockClient, bedrock: BedrockFake
) -> None:
    settings = OwnerSettings(bedrock_guardrail_id="abc123", bedrock_guardrail_version=version)
    service = BedrockChatService(bedrock_client, CLAUDE, "us-east-1", settings.guardrail)
    bedrock.will(Reply(), Reply(tool="Intent", arguments={"name": "faq", "confidence": 0.9}))
    await service.chat_model().ainvoke("Hello")
    await service.chat_model().with_structured_output(Intent).ainvoke("Hello")
    for body in bedrock.bodies():
        assert body["guardrailConfig"] == {
            "guardrailIdentifier": "abc123",
            "guardrailVersion": version,
            "streamProcessingMode": "sync",
        }


@pytest.mark.parametrize(
    "model_id", [CLAUDE, NOVA, PROFILE_ARN, f"{FOUNDATION}/amazon.nova-lite-v1:0"]
)
async def test_models_are_called_by_profile_and_by_arn(
    model_id: str, bedrock_client: BedrockClient, bedrock: BedrockFake
) -> None:
    bedrock.will(Reply(), Reply(tool="Intent", arguments={"name": "faq", "confidence": 1}))
    model = chat_model(bedrock_client, model_id)
    assert (await model.ainvoke("Hello")).text == "An answer."
    assert await model.with_structured_output(Intent).ainvoke("Hello")
    assert bedrock.model_ids() == [model_id, model_id]


@pytest.mark.parametrize("ending", [Ending.CUT, Ending.NO_STOP])
async def test_an_answer_cut_in_the_middle_is_no_answer(
    ending: Ending, claude: BaseChatModel, bedrock: BedrockFake
) -> None:
    bedrock.always(Reply(ending=ending))
    with pytest.raises(ModelInterrupted):
        await claude.ainvoke("Hello")
    with pytest.raises(ModelInterrupted):
        async for _ in claude.astream("Hello"):
            pass
