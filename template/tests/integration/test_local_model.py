"""A model on this machine: through the bot's Bedrock client and MiniStack to a server like OpenAI's."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import BaseMessage, HumanMessage, ToolMessage
from pydantic import BaseModel

from app.core.service.llm.bedrock_chat_service import BedrockChatService
from app.core.service.llm.decision import Decider
from infra.aws.aws_connection import AwsConnection, AwsOptions
from infra.bedrock.bedrock_client import BedrockClient
from infra.local_aws.local_aws import LocalAws, LocalAwsError
from tests.support.openai_fake import OpenAiFake

LINGER_SECONDS = 20.0
# A model's name in Ollama, and one for which LangChain asks for any tool: what llama.cpp enforces.
OLLAMA_MODEL = "qwen2.5:3b"
LLAMA_CPP_MODEL = "mistral.mistral-large-local"


class Weather(BaseModel):
    """What the weather is asked for."""

    city: str


@pytest.fixture
def server() -> Iterator[OpenAiFake]:
    server = OpenAiFake()
    yield server
    server.close()


@asynccontextmanager
async def chat_model(folder: Path, url: str, name: str) -> AsyncIterator[BaseChatModel]:
    """The bot's chat model of that name, with LOCAL_MODEL_URL set to the URL."""
    local_aws = LocalAws(folder / "aws", model_url=url, linger_seconds=LINGER_SECONDS)
    connection = AwsConnection(AwsOptions("us-east-1"), local_aws)
    await connection.start()
    try:
        client = BedrockClient(connection)
        await client.start()
        yield BedrockChatService(client, name, "us-east-1").chat_model()
        await client.stop()
    finally:
        await connection.stop()


@pytest.mark.parametrize("suffix", ["", "/", "/v1"])
async def test_the_answer_of_a_local_model_comes_as_if_from_bedrock(
    server: OpenAiFake, tmp_path: Path, suffix: str
) -> None:
    server.says("Bom dia! Como posso ajudar?")
    async with chat_model(tmp_path, server.url + suffix, OLLAMA_MODEL) as model:
        pieces = [piece async for piece in model.astream([("system", "Be kind."), "Bom dia"])]
    assert "".join(piece.text for piece in pieces) == "Bom dia! Como posso ajudar?"
    usages = [piece.usage_metadata for piece in pieces if piece.usage_metadata]
    assert [(usage["input_tokens"], usage["output_tokens"]) for usage in usages] == [(21, 4)]
    (request,) = server.asked
    assert request["model"] == OLLAMA_MODEL
    assert [message["role"] for message in request["messages"]] == ["system", "user"]


@pytest.mark.parametrize(
    ("name", "tool_choice"), [(OLLAMA_MODEL, None), (LLAMA_CPP_MODEL, "required")]
)
async def test_a_local_model_decides_by_calling_a_tool(
    server: OpenAiFake, tmp_path: Path, name: str, tool_choice: str | None
) -> None:
    server.calls("Weather", {"city": "Recife"})
    async with chat_model(tmp_path, server.url, name) as model:
        question = HumanMessage("Is it raining in Recife?")
        decision = await Decider(model, Weather, "Which city?").decide([question])
    assert decision == Weather(city="Recife")
    (request,) = server.asked
    assert [tool["function"]["name"] for tool in request["tools"]] == ["Weather"]
    assert request.get("tool_choice") == tool_choice


async def test_a_local_model_is_told_what_its_tool_call_brought(
    server: OpenAiFake, tmp_path: Path
) -> None:
    server.calls("Weather", {"city": "Recife"})
    conversation: list[BaseMessage] = [HumanMessage("Is it raining in Recife?")]
    async with chat_model(tmp_path, server.url, OLLAMA_MODEL) as model:
        bound = model.bind_tools([Weather])
        conversation.append(await bound.ainvoke(conversation))
        conversation.append(ToolMessage("dry", tool_call_id="call_1"))
        server.says("No.")
        answer = await bound.ainvoke(conversation)
    assert answer.text == "No."
    told = server.asked[-1]["messages"]
    assert [message["role"] for message in told] == ["user", "assistant", "tool"]
    assert told[1]["tool_calls"][0]["id"] == told[2]["tool_call_id"] == "call_1"


async def test_an_api_key_of_bedrock_stays_here(
    server: OpenAiFake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_BEARER_TOKEN_BEDROCK", "key-1")
    server.says("Hello.")
    async with chat_model(tmp_path, server.url, OLLAMA_MODEL) as model:
        assert (await model.ainvoke("Hi")).text == "Hello."


async def test_without_the_model_the_bot_does_not_start(tmp_path: Path) -> None:
    nobody = OpenAiFake()
    nobody.close()
    with pytest.raises(LocalAwsError, match="LOCAL_MODEL_URL: no model server answers"):
        await LocalAws(tmp_path / "aws", model_url=nobody.url).start()


async def test_a_bot_with_another_model_does_not_take_it_from_a_running_bot(
    server: OpenAiFake, tmp_path: Path
) -> None:
    without_model = LocalAws(tmp_path / "aws", linger_seconds=LINGER_SECONDS)
    endpoint = await without_model.start()
    with_model = LocalAws(tmp_path / "aws", model_url=server.url, linger_seconds=LINGER_SECONDS)
    with pytest.raises(LocalAwsError, match="another LOCAL_MODEL_URL"):
        await with_model.start()
    another = LocalAws(tmp_path / "aws", linger_seconds=LINGER_SECONDS)
    assert await another.start() == endpoint
    await another.stop()
    await without_model.stop()
