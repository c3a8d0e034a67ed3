"""The role of the function behind the queue, beside what the function does, and Lambda for it."""

from collections.abc import Iterator
from typing import Any

import pytest

from domain.dto.whatsapp import InboundMessage, MessageKind, SenderIdentity, WebhookDelivery
from domain.dto.whatsapp_wake import Wake
from domain.ids import new_id
from tests.infrastructure.functions.conftest import StartElsewhere, StartFunction
from tests.support.bedrock_fake import BedrockFake
from tests.support.cloudformation import ACCOUNT, REGION, STACK
from tests.support.needs import Need
from tests.support.wire_server import Exchange, WireRequest, WireServer

# https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
LAMBDA_TAKES = ("sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage")
PERSON = "5511987654321"
NUMBER_ID = "1122334455667"


class GraphFake(WireServer):
    """Meta's Graph API: it takes every message."""

    async def answer(self, request: WireRequest, exchange: Exchange) -> None:
        await exchange.respond_json(200, {"messages": [{"id": new_id("wamid")}]})


@pytest.fixture
def graph() -> Iterator[GraphFake]:
    fake = GraphFake()
    yield fake
    fake.close()


def delivery(*texts: str) -> WebhookDelivery:
    """Return messages of one person."""
    sender = SenderIdentity(PERSON)
    return WebhookDelivery(
        messages=tuple(
            InboundMessage(new_id("wamid"), sender, MessageKind.QUESTION, text, None)
            for text in texts
        )
    )


def event(body: str) -> dict[str, Any]:
    """Return an event of the queue with one message."""
    record = {
        "messageId": new_id("message"),
        "receiptHandle": "receipt",
        "body": body,
        "attributes": {"ApproximateReceiveCount": "1"},
    }
    return {"Records": [record]}


def test_the_role_allows_what_the_inbox_function_calls_and_nothing_else(
    start_function: StartFunction,
    start_elsewhere: StartElsewhere,
    bedrock: BedrockFake,
    graph: GraphFake,
) -> None:
    inbox = start_function(
        "inbox", WHATSAPP_GRAPH_URL=graph.url, WHATSAPP_PHONE_NUMBER_ID=NUMBER_ID
    )
    elsewhere = start_elsewhere()
    channel = elsewhere.container.whatsapp.whatsapp_chat_service()
    wake = Wake(PERSON).to_json()

    elsewhere.run(channel.accept(delivery("Hello!", "Are you there?")))
    answered = inbox.invoke(event(wake))
    elsewhere.run(channel.accept(delivery("/reset")))
    inbox.invoke(event(wake))
    elsewhere.run(elsewhere.container.whatsapp.people().lock(PERSON, "another process", 60))
    postponed = inbox.invoke(event(wake))
    inbox.calls.record_model_calls(bedrock.requests)
    queue = frozenset({f"arn:aws:sqs:{REGION}:{ACCOUNT}:{STACK}-inbox.fifo"})
    inbox.calls.needs |= {Need(action, queue) for action in LAMBDA_TAKES}

    found = inbox.comparison()
    print(found.table)
    assert [len(each["batchItemFailures"]) for each in (answered, postponed)] == [0, 1]
    assert (found.missing, found.unused) == ([], [])
