"""The whole bot as a process, with a stand-in for Meta on the other side."""

import httpx

from domain.dto.whatsapp_delivery import read_delivery
from domain.dto.whatsapp_inbox import InboxEntry
from infra.dynamodb.dynamodb_client import DynamoDBClient
from infra.repositories.whatsapp_people_repository import WhatsAppPeopleRepository
from infra.repositories.whatsapp_repository import WhatsAppRepository
from scripts.whatsapp_stand_in import (
    Payload,
    Sender,
    deliver,
    delivery_of,
    graph_stand_in,
    text_message,
    to_json,
)
from tests.conftest import StartBot
from tests.support.waiting import eventually

SECRET = "app-secret"
PERSON = Sender("5511999990000", "BR.13491208655302741918", "Cliente")
OTHER = Sender(None, "BR.15023945766551840")


async def acknowledge_and_die(dynamodb: DynamoDBClient, payload: Payload) -> None:
    """Do what a process does that ends between the acknowledgement and the reply."""
    people, inbox = WhatsAppPeopleRepository(dynamodb), WhatsAppRepository(dynamodb)
    (message,) = read_delivery(to_json(payload)).messages
    person = await people.person_of(message.sender)
    await inbox.record(
        InboxEntry(
            message_id=message.message_id,
            person=person,
            sender=message.sender,
            kind=message.kind,
            text=message.text,
            sent_at=message.sent_at or 0,
            received_at=0,
        )
    )


async def test_each_message_is_answered_once_also_after_a_crash(
    start_bot: StartBot, dynamodb: DynamoDBClient
) -> None:
    question, another = text_message(PERSON, "Quanto custa?"), text_message(OTHER, "E o frete?")
    before = delivery_of([question, {"broken": "neighbour"}], [PERSON])
    await acknowledge_and_die(dynamodb, before)
    async with graph_stand_in() as graph, httpx.AsyncClient(timeout=20) as http:
        bot = await start_bot(
            WHATSAPP_PHONE_NUMBER_ID="1122334455667",
            WHATSAPP_ACCESS_TOKEN="EAAx",
            WHATSAPP_APP_SECRET=SECRET,
            WHATSAPP_GRAPH_URL=graph.url,
        )
        await eventually(lambda: len(graph.sent) == 1, within=10)
        after = delivery_of([question, another], [PERSON, OTHER])
        for payload in (before, *[after] * 5):
            answer = await deliver(http, f"{bot.url}/webhook/whatsapp", SECRET, payload)
            assert answer.status_code == 200
        await eventually(lambda: len(graph.sent) == 2, within=10)
        assert await bot.stop() == 0
        recipients = [call.recipient for call in graph.sent]
        assert recipients == [PERSON.phone, OTHER.business_scoped_id]
        private = (PERSON.phone, PERSON.business_scoped_id, "custa", "frete", question["id"])
        assert [word for word in private if str(word) in bot.log()] == []
