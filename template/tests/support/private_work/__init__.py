"""Whatever a bot can be asked by people whose data are no part of a log: each channel's work.

A module has the EVENTS that its work must leave in the log, the bot's `settings` for it, whose own
servers end with the stack, and the `work`.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from importlib import import_module
from pkgutil import iter_modules

from infra.dynamodb.dynamodb_client import DynamoDBClient
from tests.conftest import StartBot
from tests.support.bedrock_fake import BedrockFake, Failure
from tests.support.bots import BotProcess

WORK = [import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__)]


@asynccontextmanager
async def bot_at_work(
    start_bot: StartBot, dynamodb: DynamoDBClient, bedrock: BedrockFake
) -> AsyncIterator[BotProcess]:
    """Run a bot that was used on every channel, rightly and wrongly; its model refuses."""
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
        yield bot
