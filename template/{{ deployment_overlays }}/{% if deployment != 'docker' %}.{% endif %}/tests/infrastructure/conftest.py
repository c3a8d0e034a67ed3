"""The stack with values for the parameters that need one, and its roles beside the bot's calls."""

from collections.abc import Awaitable, Callable

import pytest

from tests.support.aws_calls import recorded_calls
from tests.support.bedrock_fake import BedrockFake
from tests.support.bot_folder import BOT_FOLDER
from tests.support.cloudformation import ACCOUNT, REGION, Template
from tests.support.permissions import Comparison, compare
from tests.support.representative_work import do_representative_work
from tests.support.roles import permissions_of
from tests.support.target import roles_of_the_bot

MakeStack = Callable[..., Template]
CompareRoles = Callable[..., Awaitable[Comparison]]

_NEEDED = {
    "Environment": "staging",
    "SettingsSecretArn": f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:chatbot-AbCdEf",
    "ImageUri": f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/chatbot@sha256:{'a' * 64}",
}


@pytest.fixture
def make_stack() -> MakeStack:
    """`make_stack(Name="value", …)`: the stack with these parameters."""

    def make(**parameters: str) -> Template:
        return Template(BOT_FOLDER / "cloudformation" / "stack.yaml", {**_NEEDED, **parameters})

    return make


@pytest.fixture
def stack(make_stack: MakeStack) -> Template:
    return make_stack()


@pytest.fixture
async def compare_roles(
    make_stack: MakeStack, dynamodb_endpoint: str, table: str, bedrock: BedrockFake
) -> CompareRoles:
    """`await compare_roles(Name="value", …)`: the bot's roles in such a stack, and its calls."""

    async def compared(**parameters: str) -> Comparison:
        with recorded_calls() as calls:
            await do_representative_work(
                dynamodb_endpoint,
                ddb_table=table,
                aws_endpoint_url_bedrock_runtime=bedrock.url,
                bedrock_model_id_chat=parameters["BedrockModelArn"] or parameters["BedrockModelId"],
                bedrock_guardrail_id=parameters.get("BedrockGuardrailId"),
            )
        calls.record_model_calls(bedrock.requests)
        stack = make_stack(ExistingTableName=table, **parameters)
        return compare(calls.needs, permissions_of(stack, roles_of_the_bot(stack)))

    return compared
