"""From Meta's delivery over the queue to the reply, each step in a function of its own."""

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from scripts.whatsapp_stand_in import (
    GraphStandIn,
    Sender,
    deliver,
    delivery_of,
    graph_stand_in,
    text_message,
)
from tests.support.gateway import BotBehindGateway, BotsBehindGateway
from tests.support.waiting import eventually

SECRET = "app-secret"
ANA = Sender("5511999990001", "BR.13491208655302741918", "Ana")
EVA = Sender(None, "BR.15023945766551840")


@pytest.fixture
async def graph() -> AsyncIterator[GraphStandIn]:
    async with graph_stand_in() as graph:
        yield graph


@pytest.fixture
def bot(bots_behind_gateway: BotsBehindGateway, graph: GraphStandIn) -> Iterator[BotBehindGateway]:
    with bots_behind_gateway.of_its_own(
        LLM_PROVIDER="offline",
        WHATSAPP_PHONE_NUMBER_ID="1122334455667",
        WHATSAPP_ACCESS_TOKEN="EAAx",
        WHATSAPP_APP_SECRET=SECRET,
        WHATSAPP_GRAPH_URL=graph.url,
    ) as bot:
        yield bot


async def test_each_message_is_answered_once_however_often_it_is_delivered(
    bot: BotBehindGateway, graph: GraphStandIn
) -> None:
    first = delivery_of([text_message(ANA, "Hello"), text_message(EVA, "Hi")], [ANA, EVA])
    async with httpx.AsyncClient(timeout=20) as http:
        for payload in (first, first, first):
            answer = await deliver(http, f"{bot.url}/webhook/whatsapp", SECRET, payload)
            assert answer.status_code == 200
        await eventually(lambda: len(graph.sent) == 2, within=20)

        second = delivery_of([text_message(ANA, "Again")], [ANA])
        await deliver(http, f"{bot.url}/webhook/whatsapp", SECRET, second)
        await eventually(lambda: len(graph.sent) == 3, within=20)

    recipients = [call.recipient for call in graph.sent]
    assert sorted(recipients[:2]) == sorted([str(ANA.phone), str(EVA.business_scoped_id)])
    assert (recipients[2], graph.sent[2].text) == (ANA.phone, "> Hello\n> Again")


async def test_a_delivery_that_nobody_signed_is_refused(
    bot: BotBehindGateway, graph: GraphStandIn
) -> None:
    payload = delivery_of([text_message(ANA, "Hello")], [ANA])
    async with httpx.AsyncClient() as http:
        answer = await deliver(http, f"{bot.url}/webhook/whatsapp", "another-secret", payload)
    assert answer.status_code == 403
    assert graph.sent == []
