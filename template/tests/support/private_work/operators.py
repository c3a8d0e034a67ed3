"""An operator answers, reviews and releases a chat; others try their luck."""

from contextlib import ExitStack

import httpx

from domain.dto.chat import Chat, Message, Session
from domain.dto.handoff import Ticket
from domain.ids import new_id, now_timestamp
from infra.dynamodb.dynamodb_client import DynamoDBClient
from infra.repositories.chat_repository import ChatRepository
from infra.repositories.ticket_repository import TicketRepository
from tests.support.bots import BotProcess
from tests.support.private_words import EMAIL, OPERATOR, PHONE, TEXT, TOKEN

KEY = "operator-key-of-the-test"
EVENTS = {"answer_rated", "operator_action"}


def settings(cleanup: ExitStack) -> dict[str, str]:
    return {"OPERATOR_API_KEYS": f"{KEY}:{OPERATOR}"}


async def work(bot: BotProcess, dynamodb: DynamoDBClient) -> None:
    chat_id, now = new_id("chat"), now_timestamp()
    question = Message(new_id("msg"), chat_id, EMAIL, "user", TEXT, now)
    session = Session(new_id("sess"), chat_id, EMAIL, now, now)
    answer = Message(new_id("msg"), chat_id, EMAIL, "assistant", TEXT, now_timestamp())
    chats = ChatRepository(dynamodb)
    await chats.save_question(question, session, Chat(chat_id, TEXT, "", now, now))
    await chats.save_answer(answer, TEXT)
    ticket = Ticket("T-1", chat_id, EMAIL, "rest", "complaint", TEXT, now, now)
    await TicketRepository(dynamodb).open(ticket)
    headers = {"Authorization": f"Bearer {KEY}"}
    base = f"{bot.url}/operator/api"
    async with httpx.AsyncClient(base_url=base, headers=headers, timeout=30) as http:
        listed = await http.get("/tickets")
        assert listed.json()["items"][0]["summary"] == TEXT
        await http.get(f"/chats/{EMAIL}")
        await http.get("/tickets", params={"cursor": TEXT})
        await http.get("/tickets", headers={"Authorization": f"Bearer {TOKEN}"})
        await http.post(f"/chats/{chat_id}/messages", json={"text": TEXT})
        for wanted in ({"text": TEXT}, {"user_id": EMAIL}, {"chat_id": PHONE}, {"cursor": TEXT}):
            await http.get("/review/chats", params=wanted)
        await http.get(f"/review/chats/{chat_id}")
        reviewed = f"/review/chats/{chat_id}/messages/{answer.message_id}"
        rated = await http.post(f"{reviewed}/feedback", json={"rating": "bad", "comment": TEXT})
        assert rated.is_success
        await http.post(f"{reviewed}/feedback", json={"rating": TEXT})
        await http.post(f"{reviewed}/case")
        released = await http.post(f"/chats/{chat_id}/release")
        assert released.is_success
