"""A bot that is killed or asked to stop while people wait for its answers."""

import asyncio

import httpx

from scripts.whatsapp_stand_in import Sender, deliver, delivery_of, graph_stand_in, text_message
from tests.conftest import StartBot
from tests.support.bedrock_fake import BedrockFake, Reply
from tests.support.bots import BotProcess
from tests.support.tables import Tables
from tests.support.waiting import eventually

SECRET = "app-secret"
PEOPLE = [Sender(f"551199999000{number}") for number in range(8)]
QUESTIONS = ("Quanto custa?", "E o frete?")
# The dead process keeps its people for 10 s.
RECOVERY_SECONDS = 20


async def ask(http: httpx.AsyncClient, bot: BotProcess, question: str) -> None:
    """Have everybody ask, each in a delivery of their own."""
    answers = await asyncio.gather(
        *(
            deliver(
                http,
                f"{bot.url}/webhook/whatsapp",
                SECRET,
                delivery_of([text_message(person, question)], [person]),
            )
            for person in PEOPLE
        )
    )
    assert {answer.status_code for answer in answers} == {200}


async def test_whoever_was_acknowledged_is_answered_once_however_the_bot_ends(
    start_bot: StartBot, bedrock: BedrockFake, tables: Tables, table: str
) -> None:
    bedrock.always(Reply(pause=0.4))
    async with graph_stand_in() as graph, httpx.AsyncClient(timeout=20) as http:
        environment = {
            "LLM_PROVIDER": "bedrock",
            "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": bedrock.url,
            "WHATSAPP_PHONE_NUMBER_ID": "1",
            "WHATSAPP_ACCESS_TOKEN": "EAAx",
            "WHATSAPP_APP_SECRET": SECRET,
            "WHATSAPP_GRAPH_URL": graph.url,
        }
        killed = await start_bot(**environment)
        await ask(http, killed, QUESTIONS[0])
        await eventually(lambda: len(bedrock.requests) >= len(PEOPLE))
        await killed.crash()
        stopped = await start_bot(**environment)
        await eventually(lambda: len(graph.sent) >= len(PEOPLE), RECOVERY_SECONDS)

        asked_before = len(bedrock.requests)
        await ask(http, stopped, QUESTIONS[1])
        await eventually(lambda: len(bedrock.requests) >= asked_before + len(PEOPLE))
        assert await stopped.stop() == 0
        assert [len(graph.texts_to(str(person.phone))) for person in PEOPLE] == [2] * len(PEOPLE)
    # What was asked before the kill stands in each chat once.
    said = [item["content"]["S"] for item in tables.items(table) if "content" in item]
    assert [said.count(question) for question in QUESTIONS] == [len(PEOPLE)] * 2
