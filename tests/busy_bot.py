"""Run by a bot's Python in the bot's folder: a bot with every channel, busy until the input ends.

python busy_bot.py STATE_FOLDER
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from itertools import count
from pathlib import Path

sys.path.insert(0, str(Path.cwd()))

import httpx
from aiobotocore.session import AioSession
from app.core.observability.logs import configure_logs
from domain.dto.rating import Rating
from domain.ids import now_timestamp
from infra.local_aws.local_aws import LocalAws
from scripts.whatsapp_stand_in import (
    Sender,
    deliver,
    delivery_of,
    graph_stand_in,
    new_message_id,
    text_message,
)
from tests.support.bedrock_fake import BedrockFake, Failure, Reply
from tests.support.bots import BotInside
from tests.support.chat_socket import ChatSocket, chat_socket
from tests.support.plain_agent import A_PERSON
from tests.support.tables import Tables
from websockets.exceptions import InvalidStatus

APP_KEY = "key-of-the-app"
OPERATOR = {"Authorization": "Bearer operator-key"}
MODELS = ("us.amazon.nova-pro-v1:0", "a-model-of-ours")
ANA = Sender("5511987654321")
UNDELIVERED = {"status": "failed", "errors": [{"code": 131026}]}


async def work(bot: BotInside, bedrock: BedrockFake) -> None:
    """Do over and over what people, operators, Meta and the model do, right and wrong."""
    model = bot.container.services.language_model_service().chat_model()
    async with httpx.AsyncClient(base_url=bot.url, timeout=30) as http, chat_socket(bot) as socket:
        for number in count():
            model.model_id = MODELS[number % 2]
            if number % 3 == 2:
                bedrock.will(Failure("ThrottlingException", 429))
            async with asyncio.TaskGroup() as group:
                group.create_task(talk(http, socket))
                group.create_task(hand_over(http, bot))
                group.create_task(write_on_whatsapp(http))
            await asyncio.sleep(0.1)


async def talk(http: httpx.AsyncClient, socket: ChatSocket) -> None:
    await socket.ask("ana", "Hello!", stream=True)
    await http.post("/api/chats/completions", json={"user_id": "eva", "question": "Hello!"})
    await http.post("/api/chats/completions", json={"user_id": "eva", "question": " "})


async def hand_over(http: httpx.AsyncClient, bot: BotInside) -> None:
    question = {"user_id": "rui", "question": A_PERSON}
    chat_id = (await http.post("/api/chats/completions", json=question)).json()["chat_id"]
    for path, body in (("messages", {"text": "Here I am."}), ("release", {})):
        response = await http.post(
            f"/operator/api/chats/{chat_id}/{path}", json=body, headers=OPERATOR
        )
        assert response.is_success, response.text
    rating = Rating(chat_id, "msg", "user", True, "", "rest", now_timestamp())
    bot.container.services.metrics().rated(rating)
    with suppress(InvalidStatus):
        async with chat_socket(bot, origin="https://elsewhere.example"):
            raise AssertionError("the handshake was not refused")


async def write_on_whatsapp(http: httpx.AsyncClient) -> None:
    status = {**UNDELIVERED, "id": new_message_id()}
    value = {"metadata": {"phone_number_id": "1"}, "statuses": [status]}
    report = {"entry": [{"changes": [{"field": "messages", "value": value}]}]}
    message = delivery_of([text_message(ANA, "Hello!")], [ANA])
    # The second time it is known already, by a condition that does not hold.
    for payload in (message, message, report):
        response = await deliver(http, "/webhook/whatsapp", APP_KEY, payload)
        assert response.is_success, response.text


@asynccontextmanager
async def queue_at(endpoint: str) -> AsyncIterator[str]:
    keys = {"aws_access_key_id": "local", "aws_secret_access_key": "local"}
    async with AioSession().create_client(
        "sqs", region_name="us-east-1", endpoint_url=endpoint, **keys
    ) as sqs:
        attributes = {"FifoQueue": "true", "DeduplicationScope": "messageGroup"}
        made = await sqs.create_queue(QueueName="people.fifo", Attributes=attributes)
        yield made["QueueUrl"]


async def main(folder: str) -> None:
    configure_logs("ERROR")
    local_aws = LocalAws(Path(folder), linger_seconds=60.0)
    endpoint = await local_aws.start()
    bedrock = BedrockFake()
    bedrock.always(Reply(text=("An ", "answer."), pause=0.02))
    async with AsyncExitStack() as stack:
        stack.push_async_callback(local_aws.stop)
        graph = await stack.enter_async_context(graph_stand_in())
        tables = Tables(endpoint)
        stack.callback(tables.close)
        settings = {
            "PORT": "0",
            "LLM_PROVIDER": "bedrock",
            "AWS_ENDPOINT_URL_DYNAMODB": endpoint,
            "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": bedrock.url,
            "AWS_ENDPOINT_URL_SQS": endpoint,
            "DDB_TABLE": tables.create(),
            "OPERATOR_API_KEYS": "operator-key:Rita",
            "RATE_LIMIT_PER_MINUTE": "100000",
            "WHATSAPP_PHONE_NUMBER_ID": "1",
            "WHATSAPP_ACCESS_TOKEN": "access-token",
            "WHATSAPP_VERIFY_TOKEN": "verify-token",
            "WHATSAPP_APP_SECRET": APP_KEY,
            "WHATSAPP_GRAPH_URL": graph.url,
            "WHATSAPP_QUEUE_URL": await stack.enter_async_context(queue_at(endpoint)),
        }
        bot = await asyncio.to_thread(BotInside, settings)
        stack.push_async_callback(asyncio.to_thread, bot.stop)
        working = asyncio.create_task(work(bot, bedrock))
        print(bot.url, flush=True)
        reading = asyncio.create_task(asyncio.to_thread(sys.stdin.read))
        await asyncio.wait([working, reading], return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            working.result()
        working.cancel()
        await asyncio.wait([working])
    bedrock.close()


asyncio.run(main(*sys.argv[1:]))
