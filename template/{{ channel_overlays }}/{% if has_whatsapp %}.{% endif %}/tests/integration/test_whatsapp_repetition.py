"""What is asked or sent again because a process ended, or the table went away, in the middle."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from app.core.service.whatsapp import correspondence
from app.core.service.whatsapp.bursts import Burst, next_burst
from domain.dto.whatsapp import InboundMessage
from domain.dto.whatsapp_inbox import InboxEntry, ReceiptState
from domain.dto.whatsapp_wake import Wake
from domain.exceptions.storage import StorageUnavailable
from infra.dynamodb.dynamodb_client import DynamoDBClient
from infra.repositories.chat_repository import ChatRepository
from infra.repositories.whatsapp_people_repository import WhatsAppPeopleRepository
from infra.repositories.whatsapp_repository import WhatsAppRepository
from tests.support.plain_agent import A_PERSON
from tests.support.whatsapp_channel import (
    Channel,
    Meta,
    meta_with,
    new_number,
    photo_of,
    text_of,
    whatsapp_table,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

PLACES = [
    pytest.param(WhatsAppPeopleRepository, "save_session", id="before the session is noted"),
    pytest.param(ChatRepository, "save_answer", id="before the answer is stored"),
    pytest.param(WhatsAppRepository, "begin_reply", id="before the reply is begun"),
]


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def dynamodb(dynamodb_endpoint: str) -> AsyncIterator[DynamoDBClient]:
    async with whatsapp_table(dynamodb_endpoint) as client:
        yield client


@pytest_asyncio.fixture(loop_scope="module")
async def meta(dynamodb: DynamoDBClient, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Meta]:
    monkeypatch.setattr(correspondence, "_FIRST_BACKOFF_SECONDS", 0.001)
    async with meta_with(dynamodb, None) as meta:
        yield meta


@pytest.fixture
def channel(meta: Meta) -> Channel:
    return meta.process()


def fail_once(patch: pytest.MonkeyPatch, owner: type, name: str) -> None:
    """Have the table go away at the first call, as if the process ended there."""
    usual = getattr(owner, name)
    calls: list[str] = []

    async def failing(*arguments: Any, **options: Any) -> Any:
        calls.append(name)
        if len(calls) == 1:
            raise StorageUnavailable("away")
        return await usual(*arguments, **options)

    patch.setattr(owner, name, failing)


async def answer(meta: Meta, number: str) -> None:
    """Answer the person, each time by another process, until nothing is left to do."""
    for _ in range(20):
        if await meta.process().handler.handle(Wake(number).to_json()) is None:
            return
    raise AssertionError("it never came to an end")


@pytest.mark.parametrize(("owner", "name"), PLACES)
@pytest.mark.parametrize("question", ["Olá", A_PERSON])
async def test_an_interrupted_question_is_stored_and_answered_once(
    channel: Channel,
    meta: Meta,
    monkeypatch: pytest.MonkeyPatch,
    owner: type,
    name: str,
    question: str,
) -> None:
    number = new_number()
    await channel.leave_behind(text_of(number, question))
    fail_once(monkeypatch, owner, name)
    await answer(meta, number)
    assert len(await channel.chat_ids_of(number)) == 1
    asked, answered = await channel.messages_of(number)
    assert (asked.content, answered.role) == (question, "assistant")
    assert meta.graph.texts_to(number) == [answered.content]


@pytest.mark.parametrize(("owner", "name"), PLACES[1:])
async def test_what_was_asked_together_is_asked_together_again(
    channel: Channel, meta: Meta, monkeypatch: pytest.MonkeyPatch, owner: type, name: str
) -> None:
    number = new_number()
    for second, text in enumerate(["a", "b", "c"], start=1):
        await channel.leave_behind(text_of(number, text, sent_at=second))
    attempts: list[bool] = []

    def joined_at_first(waiting: list[InboxEntry], *, behind_a_turn: bool) -> Burst:
        attempts.append(behind_a_turn)
        is_first = len(attempts) == 1
        return next_burst(waiting[:2] if is_first else waiting, behind_a_turn=is_first)

    monkeypatch.setattr(correspondence, "next_burst", joined_at_first)
    fail_once(monkeypatch, owner, name)
    await answer(meta, number)
    assert await channel.questions_of(number) == ["a\nb", "c"]
    assert len(meta.graph.texts_to(number)) == 2


async def test_a_reply_that_is_noted_as_sent_is_not_sent_again(
    channel: Channel, meta: Meta, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = new_number()
    photos: list[InboundMessage] = [photo_of(number) for _ in range(3)]
    for photo in photos:
        await channel.leave_behind(photo)
    # The first message is marked then, the others are not.
    fail_once(monkeypatch, DynamoDBClient, "put_many")
    await answer(meta, number)
    assert len(meta.graph.texts_to(number)) == 1
    assert await channel.is_done(*photos) is ReceiptState.ANSWERED


async def test_whoever_waits_while_the_bot_stops_is_not_forgotten(channel: Channel) -> None:
    number = new_number()
    await channel.leave_behind(text_of(number, "Olá"))
    await channel.chat_service.drain()
    assert await channel.handler.handle(Wake(number).to_json()) == 0.0
    assert await channel.questions_of(number) == []


async def test_the_same_person_is_not_answered_twice_at_once(channel: Channel) -> None:
    """A queue may show a process again what it is working on."""
    number = new_number()
    await channel.leave_behind(text_of(number, "Olá"))
    body = Wake(number).to_json()
    outcomes: list[float | None] = []
    usual = channel.inbox.waiting

    async def asked_meanwhile(person: str, limit: int) -> Any:
        outcomes.append(await channel.handler.handle(body))
        return await usual(person, limit)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(channel.inbox, "waiting", asked_meanwhile)
        assert await channel.handler.handle(body) is None
    assert None not in outcomes
