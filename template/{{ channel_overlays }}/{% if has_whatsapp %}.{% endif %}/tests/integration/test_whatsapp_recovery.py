"""What a process of the WhatsApp channel finds that another one left when it died."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
import pytest_asyncio

from app.core.service.whatsapp.texts import TURN_FAILED
from domain.dto.chat import Session
from domain.dto.whatsapp import InboundMessage
from domain.dto.whatsapp_inbox import BegunReply, ReceiptState
from domain.exceptions.storage import StorageError
from domain.ids import new_id, now_timestamp, shift_timestamp
from infra.dynamodb.dynamodb_client import DynamoDBClient
from tests.support.whatsapp_channel import (
    WAKINGS,
    Channel,
    Meta,
    meta_with,
    new_number,
    text_of,
    whatsapp_table,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def dynamodb(dynamodb_endpoint: str) -> AsyncIterator[DynamoDBClient]:
    async with whatsapp_table(dynamodb_endpoint) as client:
        yield client


@pytest_asyncio.fixture(loop_scope="module", params=WAKINGS)
async def meta(
    dynamodb: DynamoDBClient, dynamodb_endpoint: str, request: pytest.FixtureRequest
) -> AsyncIterator[Meta]:
    queue_at = dynamodb_endpoint if request.param == "queue" else None
    async with meta_with(dynamodb, queue_at) as meta:
        yield meta


@pytest.fixture
def channel(meta: Meta) -> Channel:
    """The successor, not yet started."""
    return meta.process()


async def test_what_was_acknowledged_and_not_answered_is_answered(
    channel: Channel, meta: Meta
) -> None:
    number = new_number()
    questions = [text_of(number, "Olá", sent_at=1), text_of(number, "E agora?", sent_at=2)]
    for question in questions:
        await channel.leave_behind(question)
    await channel.die_with_the_lock_of(number)
    await channel.service.start()
    assert await channel.is_done(*questions) is ReceiptState.ANSWERED
    assert await channel.questions_of(number) == ["Olá", "E agora?"]
    assert len(meta.graph.texts_to(number)) == 2


async def test_a_lock_that_still_lives_is_waited_for(channel: Channel, meta: Meta) -> None:
    number = new_number()
    question = text_of(number, "Olá")
    await channel.leave_behind(question)
    await channel.people.lock(number, "dead", 0.5)
    await channel.service.start()
    await asyncio.sleep(0.3)
    assert meta.graph.texts_to(number) == []
    assert await channel.is_done(question) is ReceiptState.ANSWERED


async def test_a_begun_reply_is_sent_on_and_not_made_anew(channel: Channel, meta: Meta) -> None:
    number = new_number()
    questions = [text_of(number, text, sent_at=n) for n, text in enumerate(["a", "b", "c"])]
    entries = [await channel.leave_behind(question) for question in questions]
    parts = ["x" * 4096, "y" * 4096, "z"]
    begun = BegunReply("".join(parts), also_answers=(questions[1].message_id,))
    await channel.inbox.begin_reply(entries[0], begun)
    await channel.inbox.note_parts_sent(entries[0], 1)
    await channel.die_with_the_lock_of(number)
    await channel.service.start()
    assert await channel.is_done(*questions) is ReceiptState.ANSWERED
    assert meta.graph.texts_to(number)[:2] == parts[1:]
    # Only what that reply does not answer is asked.
    assert await channel.questions_of(number) == ["c"]
    assert len(meta.graph.texts_to(number)) == 3


async def leave_behind_answered(channel: Channel, number: str, count: int) -> list[InboundMessage]:
    """Do what a process does that dies between marking messages as answered and removing them."""
    questions = [text_of(number, "Olá", sent_at=second) for second in range(count)]
    for question in questions:
        entry = await channel.leave_behind(question)
        await channel.inbox.finish([replace(entry, person=new_number())], ReceiptState.ANSWERED)
    return questions


async def test_answered_messages_that_still_wait_are_not_asked_again(
    channel: Channel, meta: Meta
) -> None:
    number = new_number()
    questions = await leave_behind_answered(channel, number, 3)
    await channel.die_with_the_lock_of(number)
    await channel.service.start()
    assert await channel.is_done(*questions) is ReceiptState.ANSWERED
    assert meta.graph.texts_to(number) == []
    assert await channel.questions_of(number) == []


async def test_an_answered_message_gets_no_second_reply_where_no_crash_is_known_of(
    channel: Channel, meta: Meta
) -> None:
    number = new_number()
    questions = await leave_behind_answered(channel, number, 1)
    await channel.service.start()
    assert await channel.is_done(*questions) is ReceiptState.ANSWERED
    assert meta.graph.texts_to(number) == []


async def test_a_message_that_kills_every_process_gets_an_apology(
    channel: Channel, meta: Meta
) -> None:
    number = new_number()
    deadly, harmless = text_of(number, "x", sent_at=1), text_of(number, "Olá", sent_at=2)
    await channel.leave_behind(deadly)
    await channel.leave_behind(harmless)
    for _ in range(5):
        await channel.die_with_the_lock_of(number)
    await channel.service.start()
    assert await channel.is_done(deadly, harmless) is ReceiptState.ANSWERED
    assert await channel.questions_of(number) == ["Olá"]
    assert meta.graph.texts_to(number)[0] == TURN_FAILED


async def ask_with(channel: Channel, number: str, session: Session) -> None:
    """Ask a question as someone whose last session is the given one."""
    await channel.take_lock_of(number, "before")
    await channel.people.save_session(number, "before", session)
    await channel.people.unlock(number, "before", session)
    await channel.service.start()
    question = text_of(number, "Olá")
    await channel.accept(question)
    assert await channel.is_done(question) is ReceiptState.ANSWERED


def session_of(number: str, idle: timedelta) -> Session:
    seen_at = shift_timestamp(now_timestamp(), -idle)
    return Session(new_id("sess"), new_id("chat"), f"whatsapp_{number}", seen_at, seen_at)


async def test_a_chat_that_is_gone_is_begun_anew(channel: Channel, meta: Meta) -> None:
    number = new_number()
    session = session_of(number, timedelta(hours=1))
    await ask_with(channel, number, session)
    (chat_id,) = await channel.chat_ids_of(number)
    assert chat_id != session.chat_id
    assert len(meta.graph.texts_to(number)) == 1


async def test_after_a_day_of_silence_a_new_chat_begins(channel: Channel) -> None:
    number = new_number()
    question = text_of(number, "Olá")
    await channel.service.start()
    await channel.accept(question)
    await channel.is_done(question)
    (chat_id,) = await channel.chat_ids_of(number)
    (session,) = await channel.sessions_of(number, chat_id)
    for idle, chats in [(timedelta(hours=23, minutes=59), 1), (timedelta(hours=24), 2)]:
        seen_at = shift_timestamp(now_timestamp(), -idle)
        await ask_with(channel, number, replace(session, last_activity_at=seen_at))
        assert len(await channel.chat_ids_of(number)) == chats
    (session,) = await channel.sessions_of(number, chat_id)
    assert session.ended_at is not None


async def test_without_the_table_nothing_is_acknowledged(
    channel: Channel, dynamodb: DynamoDBClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    question = text_of(new_number(), "Olá")
    with monkeypatch.context() as away:
        away.setattr(dynamodb, "_table", "no-such-table")
        with pytest.raises(StorageError):
            await channel.accept(question)
    await channel.service.start()
    await channel.accept(question)
    assert await channel.is_done(question) is ReceiptState.ANSWERED
