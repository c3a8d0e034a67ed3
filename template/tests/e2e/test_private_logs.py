"""A whole run of a bot, with all it can be asked, and what of it is in its log."""

import asyncio
import json
from contextlib import ExitStack
from importlib import import_module
from pkgutil import iter_modules

from infra.dynamodb.dynamodb_client import DynamoDBClient
from tests.conftest import StartBot
from tests.support import private_work
from tests.support.bedrock_fake import BedrockFake, Failure, Reply
from tests.support.private_words import PRIVATE_WORDS

WORK = [
    import_module(f"{private_work.__name__}.{module.name}")
    for module in iter_modules(private_work.__path__)
]


async def test_nobody_and_nothing_that_was_said_is_in_the_log(
    start_bot: StartBot, dynamodb: DynamoDBClient, bedrock: BedrockFake
) -> None:
    # Both repeat in their messages what they were asked.
    bedrock.will(Reply(exception="validationException"))
    bedrock.always(Failure("ValidationException", 400))
    settings = {
        "LLM_PROVIDER": "bedrock",
        "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": bedrock.url,
        "AWS_ACCESS_KEY_ID": "of-the-test",
        "AWS_SECRET_ACCESS_KEY": "of-the-test",
    }
    with ExitStack() as cleanup:
        for channel in WORK:
            settings |= channel.settings(cleanup)
        bot = await start_bot(**settings)
        await asyncio.gather(*(channel.work(bot, dynamodb) for channel in WORK))
        assert await bot.stop() == 0
    lines = bot.log().splitlines()
    events = {json.loads(line)["event"] for line in lines}
    assert set().union(*(channel.EVENTS for channel in WORK)) <= events
    assert [line for line in lines for word in PRIVATE_WORDS if word in line] == []
    # Addresses of clients: the bot names only the one it listens on.
    assert [line for line in lines if "127.0.0.1" in line and '"listening"' not in line] == []
