import httpx

from scripts.whatsapp_stand_in import Sender, deliver, delivery_of, graph_stand_in
from tests.conftest import StartBot
from tests.support.waiting import eventually

SECRET = "app-secret"
PERSON = Sender("5511999990000", "BR.13491208655302741918", "Cliente")
VOICE = {
    "from": PERSON.phone,
    "id": "wamid.voice",
    "timestamp": "1790000000",
    "type": "audio",
    "audio": {"id": "1", "mime_type": "audio/ogg", "voice": True},
}


async def test_a_voice_message_gets_the_sentence(start_bot: StartBot) -> None:
    async with graph_stand_in() as graph, httpx.AsyncClient(timeout=20) as http:
        bot = await start_bot(WHATSAPP_APP_SECRET=SECRET, WHATSAPP_GRAPH_URL=graph.url)
        payload = delivery_of([VOICE], [PERSON])
        await deliver(http, f"{bot.url}/webhook/whatsapp", SECRET, payload)
        await eventually(lambda: len(graph.sent) == 1, within=15)
        await bot.stop()
    (text,) = graph.texts_to(PERSON.phone or "")
    assert text == "I cannot listen to voice messages or see pictures yet. Please write to me."
