"""A decision of the model, over Bedrock's wire."""

from typing import Literal

import pytest
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import HumanMessage
from pydantic import BaseModel, Field

from app.core.service.llm.decision import Decider
from tests.support.bedrock_fake import BedrockFake, Reply

ASKED = [HumanMessage("Where is my order?")]


class Intent(BaseModel):
    """What the user wants."""

    intent: Literal["order", "other"]
    confidence: float = Field(ge=0, le=1)


VALID = Reply(tool="Intent", arguments={"intent": "order", "confidence": 0.9})


@pytest.fixture
def decider(claude: BaseChatModel) -> Decider[Intent]:
    return Decider(claude, Intent, "Decide what the user wants.")


async def test_the_model_fills_the_schema_in_as_a_tool(
    decider: Decider[Intent], bedrock: BedrockFake
) -> None:
    bedrock.will(VALID)
    assert await decider.decide(ASKED) == Intent(intent="order", confidence=0.9)
    (body,) = bedrock.bodies()
    (tool,) = (tool["toolSpec"] for tool in body["toolConfig"]["tools"] if "toolSpec" in tool)
    assert (tool["name"], tool["description"]) == ("Intent", "What the user wants.")
    assert body["system"][0] == {"text": "Decide what the user wants."}


@pytest.mark.parametrize(
    "invalid",
    [
        Reply(tool="Intent", arguments={"intent": "pizza", "confidence": 0.9}),
        Reply(tool="Intent", arguments={"intent": "order", "confidence": 7}),
        Reply(tool="Intent", arguments={}),
        Reply(text=("The intent is order.",)),
    ],
)
async def test_an_invalid_decision_is_made_again_once(
    invalid: Reply, decider: Decider[Intent], bedrock: BedrockFake
) -> None:
    bedrock.will(invalid, VALID)
    assert await decider.decide(ASKED) == Intent(intent="order", confidence=0.9)
    second = bedrock.bodies()[1]["messages"][-1]["content"]
    assert any("Call the tool Intent" in block.get("text", "") for block in second)


async def test_without_a_valid_decision_there_is_none(
    decider: Decider[Intent], bedrock: BedrockFake
) -> None:
    bedrock.will(Reply(text=("order",)), Reply(text=("order",)), VALID)
    assert await decider.decide(ASKED) is None
    assert len(bedrock.requests) == 2
