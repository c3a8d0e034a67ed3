"""Messages by WhatsApp, which cannot be answered, and requests that are not Meta's."""

from contextlib import ExitStack

import httpx

from infra.dynamodb.dynamodb_client import DynamoDBClient
from scripts.whatsapp_stand_in import Sender, deliver, delivery_of, text_message
from tests.support.bots import BotProcess
from tests.support.private_words import EMAIL, NAME, PHONE, TEXT, TOKEN
from tests.support.waiting import eventually
from tests.support.wire_server import Exchange, WireRequest, WireServer

SECRET = "app-secret-of-the-test"
EVENTS = {
    "turn_failed",
    "whatsapp_delivery_refused",
    "whatsapp_other_number",
    "whatsapp_reply_failed",
    "whatsapp_verification_refused",
}


class RefusingGraph(WireServer):
    """Refuses to send, and repeats what it was to send."""

    async def answer(self, request: WireRequest, exchange: Exchange) -> None:
        said = f"(#131026) undeliverable: {request.body.decode()} to {PHONE}"
        error = {"message": said, "code": 131026, "error_data": {"details": said}}
        await exchange.respond_json(400, {"error": error})


def settings(cleanup: ExitStack) -> dict[str, str]:
    graph = RefusingGraph()
    cleanup.callback(graph.close)
    return {
        "WHATSAPP_PHONE_NUMBER_ID": "1",
        "WHATSAPP_ACCESS_TOKEN": TOKEN,
        "WHATSAPP_VERIFY_TOKEN": TOKEN,
        "WHATSAPP_APP_SECRET": SECRET,
        "WHATSAPP_GRAPH_URL": graph.url,
    }


async def work(bot: BotProcess, dynamodb: DynamoDBClient) -> None:
    webhook = f"{bot.url}/webhook/whatsapp"
    people = [Sender(PHONE, None, NAME), Sender(None, "BR.13491208655302741918", NAME)]
    async with httpx.AsyncClient(timeout=30) as http:
        for person in people:
            delivery = delivery_of([text_message(person, TEXT)], [person])
            assert (await deliver(http, webhook, SECRET, delivery)).status_code == 200
            await deliver(http, webhook, TOKEN, delivery)
        await deliver(http, webhook, SECRET, [TEXT])
        others = [TEXT, {"text": TEXT}, text_message(people[0], TEXT)]
        await deliver(http, webhook, SECRET, delivery_of(others, people, "2"))
        query = {"hub.mode": "subscribe", "hub.verify_token": PHONE, "hub.challenge": EMAIL}
        assert (await http.get(webhook, params=query)).status_code == 403
    await eventually(lambda: bot.log().count("whatsapp_reply_failed") >= len(people), within=30)
