"""Every kind of work that the bot does in AWS, done once."""

import asyncio
from typing import Any

from botocore.session import get_session

from app.core.settings_owner import OwnerSettings
from app.dependency_injection.application_container import ApplicationContainer
from app.dependency_injection.lifecycle import running
from domain.dto.whatsapp import InboundMessage, MessageKind, SenderIdentity, WebhookDelivery
from domain.dto.whatsapp_inbox import ReceiptState
from domain.ids import new_id
from scripts.whatsapp_stand_in import graph_stand_in
from tests.support.cloudformation import REGION, STACK
from tests.support.conversing import converse, hand_over
from tests.support.plain_container import plain_container

_ANSWER_SECONDS = 20
_POLL_SECONDS = 0.05


async def do_representative_work(endpoint: str, **settings: Any) -> None:
    """Do it all with these settings, the table and the stack's queue at the endpoint."""
    queue_url = await asyncio.to_thread(_create_queue, endpoint)
    async with graph_stand_in() as graph:
        container = plain_container(
            OwnerSettings(
                aws_endpoint_url_dynamodb=endpoint,
                aws_endpoint_url_sqs=endpoint,
                budget_turns_per_day=100,
                whatsapp_queue_url=queue_url,
                whatsapp_graph_url=graph.url,
                whatsapp_phone_number_id="1122334455667",
                whatsapp_access_token="EAAx",
                whatsapp_app_secret="app-secret",
                **settings,
            )
        )
        async with running(container):
            await converse(container)
            await hand_over(container)
            await _answer(container, "Hello!")
            await _answer(container, "/reset")
            await _take_again(container)


def _create_queue(endpoint: str) -> str:
    """Create the queue with a client that is none of the bot's, and return its URL."""
    sqs = get_session().create_client(
        "sqs",
        region_name=REGION,
        endpoint_url=endpoint,
        aws_access_key_id="local",
        aws_secret_access_key="local",
    )
    made = sqs.create_queue(
        QueueName=f"{STACK}-inbox.fifo",
        Attributes={"FifoQueue": "true", "DeduplicationScope": "messageGroup"},
    )
    return str(made["QueueUrl"])


async def _answer(container: ApplicationContainer, text: str) -> None:
    """Deliver a message, and wait until it is answered by way of the queue."""
    message = InboundMessage(
        new_id("wamid"), SenderIdentity("5511987654321"), MessageKind.QUESTION, text, None
    )
    await container.whatsapp.whatsapp_chat_service().accept(WebhookDelivery(messages=(message,)))
    async with asyncio.timeout(_ANSWER_SECONDS):
        while True:
            receipt = await container.whatsapp.inbox().receipt(message.message_id)
            if receipt is not None and receipt.state is ReceiptState.ANSWERED:
                return
            await asyncio.sleep(_POLL_SECONDS)


async def _take_again(container: ApplicationContainer) -> None:
    """Put off what the queue holds, as is done with what fails for the moment."""
    handler = container.whatsapp.wake_handler()
    handle = handler.handle
    postponed = asyncio.Event()

    async def fail_once(*arguments: Any, **options: Any) -> float | None:
        seconds: float | None = 0.0
        if postponed.is_set():
            seconds = await handle(*arguments, **options)
        postponed.set()
        return seconds

    handler.handle = fail_once
    await container.whatsapp.person_queue().send("5511987654321")
    async with asyncio.timeout(_ANSWER_SECONDS):
        await postponed.wait()
