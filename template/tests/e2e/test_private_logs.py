"""A whole run of a bot, with all it can be asked, and what of it is in its log."""

import json

from infra.dynamodb.dynamodb_client import DynamoDBClient
from tests.conftest import StartBot
from tests.support.bedrock_fake import BedrockFake, Reply
from tests.support.private_words import PRIVATE_WORDS
from tests.support.private_work import WORK, bot_at_work


async def test_nobody_and_nothing_that_was_said_is_in_the_log(
    start_bot: StartBot, dynamodb: DynamoDBClient, bedrock: BedrockFake
) -> None:
    # This, and the model's refusals afterwards, repeat in their messages what they were asked.
    bedrock.will(Reply(exception="validationException"))
    async with bot_at_work(start_bot, dynamodb, bedrock) as bot:
        assert await bot.stop() == 0
    lines = bot.log().splitlines()
    events = {json.loads(line)["event"] for line in lines}
    assert set().union(*(channel.EVENTS for channel in WORK)) <= events
    assert [line for line in lines for word in PRIVATE_WORDS if word in line] == []
    # Addresses of clients: the bot names only the one it listens on.
    assert [line for line in lines if "127.0.0.1" in line and '"listening"' not in line] == []
