"""What the bot asks AWS for, and what its roles allow."""

import pytest

from tests.infrastructure.conftest import CompareRoles
from tests.support.cloudformation import ACCOUNT, REGION

PROFILE = {"BedrockModelId": "us.anthropic.claude-sonnet-5-5", "BedrockModelArn": ""}
MODELS = {
    "a profile": PROFILE,
    "a profile with a guardrail": {**PROFILE, "BedrockGuardrailId": "abc123"},
    "a global profile": {**PROFILE, "BedrockModelId": "global.anthropic.claude-sonnet-5-5"},
    "a profile of a model with a dot in its name": {**PROFILE, "BedrockModelId": "us.maker.v3.2"},
    "a model of the region": {**PROFILE, "BedrockModelId": "amazon.nova-pro-v1:0"},
    "a profile by its ARN": {
        "BedrockModelArn": f"arn:aws:bedrock:{REGION}:{ACCOUNT}:application-inference-profile/a1b2"
    },
}


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS.keys())
async def test_the_roles_allow_every_call(
    model: dict[str, str], compare_roles: CompareRoles
) -> None:
    found = await compare_roles(**model)

    print(found.table)
    assert found.missing == []
