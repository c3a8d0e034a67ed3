"""What is kept of conversations that clients send again, and what it costs."""

import time
from typing import Any

import pytest

from app.core.service.chat.conversation_resuming import ConversationResuming
from domain.dto.chat import Chat, Message, Session
from domain.dto.conversation import Said
from domain.ids import now_timestamp
from infra.dynamodb.dynamodb_client import DynamoDBClient
from infra.repositories.chat_repository import ChatRepository
from infra.repositories.conversation_point_repository import ConversationPointRepository
from scripts.user_data import erase
from tests.support.tables import Tables

SAID = (Said("user", "Hello!"), Said("assistant", "Good  day.\n"))


@pytest.fixture
def operations(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the table is asked for, from here on."""
    asked: list[str] = []
    call = DynamoDBClient._call

    async def recorded(self: DynamoDBClient, operation: str, **arguments: Any) -> Any:
        asked.append(operation)
        return await call(self, operation, **arguments)

    monkeypatch.setattr(DynamoDBClient, "_call", recorded)
    return asked


async def a_chat(dynamodb: DynamoDBClient) -> Session:
    """Store a chat with one question and its answer."""
    now = now_timestamp()
    session = Session("sess_1", "chat_1", "ana", now, now)
    question = Message("msg_1", "chat_1", "ana", "user", "Hello!", now)
    answer = Message("msg_2", "chat_1", "ana", "assistant", "Good day.", now_timestamp())
    chats = ChatRepository(dynamodb)
    await chats.save_question(question, session, Chat("chat_1", "Hello!", "", now, now))
    await chats.save_answer(answer, "Hello!")
    return session


async def test_a_turn_costs_one_read_and_one_write_more(
    dynamodb: DynamoDBClient, operations: list[str]
) -> None:
    session = await a_chat(dynamodb)
    resuming = ConversationResuming(ConversationPointRepository(dynamodb))
    operations.clear()

    first = await resuming.resume("ana", ())
    await resuming.remember("ana", first, SAID, session)
    assert operations == ["batch_write_item"]

    operations.clear()
    trimmed = (SAID[0], Said("assistant", "Good day."))
    second = await resuming.resume("ana", trimmed)
    assert (second.chat_id, second.session and second.session.session_id) == ("chat_1", "sess_1")
    await resuming.remember("ana", second, (*SAID, *SAID), session)
    assert operations == ["get_item", "batch_write_item"]

    operations.clear()
    branch = await resuming.resume("ana", SAID)
    assert branch.chat_id != "chat_1"
    assert sorted(operations) == ["batch_write_item", "get_item", "get_item", "get_item", "query"]


async def test_points_expire_and_are_erased_with_their_user(
    dynamodb: DynamoDBClient, tables: Tables, table: str
) -> None:
    resuming = ConversationResuming(ConversationPointRepository(dynamodb))
    session = await a_chat(dynamodb)
    await resuming.remember("ana", await resuming.resume("ana", ()), SAID, session)
    (point,) = [i for i in tables.items(table) if i["sort_key"]["S"].startswith("POINT#")]
    days = (int(point["expires_at"]["N"]) - time.time()) / 86_400
    assert 89 < days <= 90

    erased = await erase(dynamodb, "ana", keep_audit=False)

    assert erased["USER/POINT"] == 1
    assert tables.items(table) == []
