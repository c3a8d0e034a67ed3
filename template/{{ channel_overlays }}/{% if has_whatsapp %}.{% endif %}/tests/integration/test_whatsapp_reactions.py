"""Reactions on WhatsApp: thumbs for answers, kept as feedback, and never answered."""

import json
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from app.core.service.whatsapp.texts import UNSUPPORTED_MESSAGE
from domain.dto.chat import Message
from domain.dto.whatsapp_delivery import read_delivery
from domain.ids import new_id
from infra.dynamodb.dynamodb_client import DynamoDBClient
from scripts.whatsapp_stand_in import GraphAnswer, accepted
from tests.support.tables import Tables
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

SKIN = "\N{EMOJI MODIFIER FITZPATRICK TYPE-4}"


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def dynamodb(dynamodb_endpoint: str) -> AsyncIterator[DynamoDBClient]:
    async with whatsapp_table(dynamodb_endpoint) as client:
        yield client


@pytest_asyncio.fixture(loop_scope="module")
async def meta(dynamodb: DynamoDBClient) -> AsyncIterator[Meta]:
    async with meta_with(dynamodb) as meta:
        yield meta


@pytest_asyncio.fixture(loop_scope="module")
async def channel(meta: Meta) -> Channel:
    channel = meta.process()
    await channel.service.start()
    return channel


class Person:
    """Somebody who writes and reacts; what the bot sends them has ids that are known here."""

    def __init__(self, meta: Meta, channel: Channel) -> None:
        self.number = new_number()
        self._meta = meta
        self._channel = channel
        self._seconds = int(time.time())

    async def ask(self, question: str, parts: int = 1) -> list[str]:
        """Ask, and return Meta's ids of the messages that the answer came in."""
        answers = [accepted() for _ in range(parts)]
        self._meta.graph.answers_to[self.number].extend(answers)
        message = text_of(self.number, question)
        await self._channel.accept(message)
        await self._channel.is_done(message)
        return [_sent_id(answer) for answer in answers]

    async def react(self, sent_id: str, emoji: str | None, *, later: int = 1) -> None:
        """React, or with None take the reaction back; so many seconds after the last time."""
        self._seconds += later
        reaction = {"message_id": sent_id, **({} if emoji is None else {"emoji": emoji})}
        message = {
            "from": self.number,
            "id": new_id("wamid"),
            "timestamp": str(self._seconds),
            "type": "reaction",
            "reaction": reaction,
        }
        value = {"contacts": [{"wa_id": self.number}], "messages": [message]}
        body = {"entry": [{"changes": [{"field": "messages", "value": value}]}]}
        await self._channel.service.accept(read_delivery(json.dumps(body).encode()))

    async def answers(self) -> list[Message]:
        """Return the answers of the person's chats, in order."""
        messages = await self._channel.messages_of(self.number)
        return [message for message in messages if message.role == "assistant"]

    async def thumbs(self) -> list[bool | None]:
        """Return what the table has of each answer."""
        return [m.user_thumb.is_good if m.user_thumb else None for m in await self.answers()]

    def received(self) -> int:
        """Return how many messages the bot sent them."""
        return len(self._meta.graph.texts_to(self.number))


def _sent_id(answer: GraphAnswer) -> str:
    assert isinstance(answer.body, dict)
    return str(answer.body["messages"][0]["id"])


@pytest.fixture
def person(meta: Meta, channel: Channel) -> Person:
    return Person(meta, channel)


async def test_thumbs_are_kept_whatever_their_skin_and_everything_else_takes_them_back(
    person: Person,
) -> None:
    (first,) = await person.ask("apples")
    (second,) = await person.ask("pears")
    for emoji, thumb in (
        ("👍", True),
        (f"👎{SKIN}", False),
        (None, None),
        (f"👍{SKIN}", True),
        ("❤️", None),
        ("👎", False),
        ("", None),
    ):
        await person.react(first, emoji)
        assert await person.thumbs() == [thumb, None], emoji
    await person.react(second, "👎")
    assert await person.thumbs() == [None, False]
    assert person.received() == 2


async def test_what_comes_twice_or_too_late_changes_nothing(person: Person) -> None:
    (sent,) = await person.ask("apples")
    await person.react(sent, "👍", later=10)
    await person.react(sent, "👍", later=0)
    await person.react(sent, "👎", later=-5)
    assert await person.thumbs() == [True]
    await person.react(sent, None, later=10)
    # Meta delivers the first one once more.
    await person.react(sent, "👍", later=-10)
    assert await person.thumbs() == [None]


async def test_each_part_of_a_long_answer_stands_for_it(person: Person) -> None:
    # The plain agent quotes the question, which is longer than one message may be.
    parts = await person.ask("apples " * 1_000, parts=2)
    assert person.received() == 2
    for part, thumb in zip(parts, ("👍", "👎"), strict=True):
        await person.react(part, thumb)
        assert await person.thumbs() == [thumb == "👍"]


async def test_what_is_no_answer_of_theirs_is_passed_over_in_silence(
    person: Person, meta: Meta, channel: Channel
) -> None:
    other = Person(meta, channel)
    (theirs,) = await other.ask("pears")
    await person.ask("apples")
    photo = photo_of(person.number)
    meta.graph.answers_to[person.number].append(apology := accepted())
    await channel.accept(photo)
    await channel.is_done(photo)
    assert meta.graph.texts_to(person.number)[-1] == UNSUPPORTED_MESSAGE
    for sent_id in (theirs, _sent_id(apology), "wamid.of-nothing"):
        await person.react(sent_id, "👎")
    assert await person.thumbs() == [None]
    assert await other.thumbs() == [None]
    assert person.received() == 2


async def test_the_last_ten_messages_are_remembered_without_a_request_more(
    person: Person, dynamodb: DynamoDBClient, tables: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = [(await person.ask(f"question {number}"))[0] for number in range(12)]
    call = dynamodb._call
    writes: list[str] = []

    async def counted(operation: str, **arguments: Any) -> Any:
        if operation not in ("get_item", "query"):
            writes.append(operation)
        return await call(operation, **arguments)

    monkeypatch.setattr(dynamodb, "_call", counted)
    sent += await person.ask("the last one")
    # Receipt and entry, lock, the turn's three, begun and finished reply, entry, unlock.
    assert len(writes) == 10, writes
    monkeypatch.undo()
    await person.react(sent[2], "👎")
    await person.react(sent[3], "👍")
    assert await person.thumbs() == [None] * 3 + [True] + [None] * 9
    (session,) = (
        item
        for item in tables.items(dynamodb._table)
        if item["partition_key"]["S"] == f"WHATSAPP#{person.number}"
        and item["sort_key"]["S"] == "SESSION"
    )
    assert sum(len(name) + len(str(value)) for name, value in session.items()) < 1024
