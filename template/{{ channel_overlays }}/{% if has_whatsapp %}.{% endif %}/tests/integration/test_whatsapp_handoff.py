"""A person who goes on with a chat, over WhatsApp."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio

from app.core.ports.chat_storage import ListingRequest
from app.core.service.whatsapp.texts import UNSUPPORTED_NOTE
from app.core.service.whatsapp.whatsapp_operator_service import WhatsAppOperatorService
from domain.dto.whatsapp import FailedDelivery, IdentityChange, SenderIdentity, WebhookDelivery
from infra.dynamodb.dynamodb_client import DynamoDBClient
from scripts.whatsapp_stand_in import GraphAnswer
from tests.support.plain_agent import A_PERSON
from tests.support.whatsapp_channel import (
    WAKINGS,
    Channel,
    Meta,
    graph_error,
    meta_with,
    new_number,
    photo_of,
    text_of,
    whatsapp_table,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")
ALL = ListingRequest(limit=100)


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


@pytest_asyncio.fixture(loop_scope="module")
async def channel(meta: Meta) -> Channel:
    channel = meta.process()
    await channel.service.start()
    return channel


@pytest_asyncio.fixture(loop_scope="module")
async def operators(meta: Meta) -> WhatsAppOperatorService:
    return meta.operators()


async def say(channel: Channel, sender: SenderIdentity | str, text: str) -> None:
    message = text_of(sender, text)
    await channel.accept(message)
    await channel.is_done(message)


async def hand_over(channel: Channel, sender: SenderIdentity | str, person: str) -> str:
    """Return the chat that the person has with an operator from now on."""
    await say(channel, sender, A_PERSON)
    (chat_id,) = await channel.chat_ids_of(person)
    return chat_id


async def test_while_a_person_has_the_chat_nobody_reads_or_types(
    channel: Channel, meta: Meta, operators: WhatsAppOperatorService
) -> None:
    number = new_number()
    chat_id = await hand_over(channel, number, number)
    before = len(meta.graph.calls)
    await say(channel, number, "Is anybody there?")
    assert len(meta.graph.calls) == before
    await operators.release("Rita", chat_id)
    await say(channel, number, "Bot again?")
    assert [call.is_read_mark for call in meta.graph.calls[before:]] == [True, False]


async def test_from_the_request_over_the_operator_back_to_the_bot(
    channel: Channel, meta: Meta, operators: WhatsAppOperatorService
) -> None:
    number = new_number()
    chat_id = await hand_over(channel, number, number)
    (told,) = meta.graph.texts_to(number)
    await say(channel, number, "Is anybody there?")
    assert meta.graph.texts_to(number) == [told]
    written = await operators.write("Rita", chat_id, "This is Rita.")
    assert written.delivery == "sent"
    assert meta.graph.texts_to(number) == [told, "This is Rita."]
    await operators.release("Rita", chat_id)
    await say(channel, number, "Bot again?")
    *_, answer = meta.graph.texts_to(number)
    assert "Bot again?" in answer
    roles = [message.role for message in await channel.messages_of(number)]
    assert roles == ["user", "assistant", "user", "operator", "user", "assistant"]


async def test_someone_without_a_number_is_reached_by_their_scoped_id(
    channel: Channel, meta: Meta, operators: WhatsAppOperatorService
) -> None:
    scoped_id = f"BR.{new_number()}"
    chat_id = await hand_over(channel, SenderIdentity(None, scoped_id), scoped_id)
    await operators.write("Rita", chat_id, "This is Rita.")
    assert meta.graph.texts_to(scoped_id)[-1] == "This is Rita."


@pytest.mark.parametrize(("code", "delivery"), [(131047, "failed_window"), (131026, "failed")])
async def test_the_operator_sees_that_meta_refused_a_message(
    code: int,
    delivery: str,
    channel: Channel,
    meta: Meta,
    operators: WhatsAppOperatorService,
) -> None:
    number = new_number()
    chat_id = await hand_over(channel, number, number)
    meta.graph.answers_to[number].append(graph_error(code))
    assert (await operators.write("Rita", chat_id, "Too late?")).delivery == delivery
    page = await operators.list_messages(chat_id, ALL)
    assert (page.items[-1].content, page.items[-1].delivery) == ("Too late?", delivery)
    (ticket,) = [t for t in (await operators.list_open(ALL)).items if t.chat_id == chat_id]
    assert ticket.waiting_since is not None


@pytest.mark.parametrize(("code", "delivery"), [(131047, "failed_window"), (131026, "failed")])
async def test_the_operator_sees_what_meta_could_not_deliver_after_all(
    code: int,
    delivery: str,
    channel: Channel,
    meta: Meta,
    operators: WhatsAppOperatorService,
) -> None:
    number, sent_id = new_number(), f"wamid.{new_number()}"
    chat_id = await hand_over(channel, number, number)
    body = {"messages": [{"id": sent_id}]}
    meta.graph.answers_to[number].append(GraphAnswer(body=body))
    await operators.write("Rita", chat_id, "Too late?")
    report = WebhookDelivery(failed_deliveries=(FailedDelivery(sent_id, code),))
    for _ in range(3):
        await channel.service.accept(report)
    page = await operators.list_messages(chat_id, ALL)
    assert (page.items[-1].content, page.items[-1].delivery) == ("Too late?", delivery)
    (ticket,) = [t for t in (await operators.list_open(ALL)).items if t.chat_id == chat_id]
    assert ticket.waiting_since is not None


async def test_a_failure_that_is_reported_before_the_operators_message_is_noted_is_shown(
    channel: Channel, meta: Meta, operators: WhatsAppOperatorService
) -> None:
    number, sent_id = new_number(), f"wamid.{new_number()}"
    chat_id = await hand_over(channel, number, number)
    report = WebhookDelivery(failed_deliveries=(FailedDelivery(sent_id, 131047),))
    await channel.service.accept(report)
    body = {"messages": [{"id": sent_id}]}
    meta.graph.answers_to[number].append(GraphAnswer(body=body))
    await operators.write("Rita", chat_id, "Too late?")
    page = await operators.list_messages(chat_id, ALL)
    assert page.items[-1].delivery == "failed_window"


async def test_an_operator_never_writes_to_whoever_has_the_number_now(
    channel: Channel, meta: Meta, operators: WhatsAppOperatorService
) -> None:
    number, former_id, new_id = new_number(), f"BR.{new_number()}", f"BR.{new_number()}"
    chat_id = await hand_over(channel, SenderIdentity(number, former_id), number)
    await say(channel, SenderIdentity(number, new_id), "Who is there?")
    before = len(meta.graph.sent)
    assert (await operators.write("Rita", chat_id, "Your order")).delivery == "failed"
    assert len(meta.graph.sent) == before


async def test_an_operator_reaches_whoever_has_a_new_number(
    channel: Channel, meta: Meta, operators: WhatsAppOperatorService
) -> None:
    number, new_phone = new_number(), new_number()
    chat_id = await hand_over(channel, number, number)
    moved = IdentityChange((number,), SenderIdentity(new_phone))
    await channel.service.accept(WebhookDelivery(identity_changes=(moved,)))
    await operators.write("Rita", chat_id, "This is Rita.")
    assert meta.graph.texts_to(new_phone) == ["This is Rita."]


async def test_a_person_who_comes_back_after_a_day_is_still_the_operators(
    channel: Channel, meta: Meta, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = new_number()
    await hand_over(channel, number, number)
    told = meta.graph.texts_to(number)
    monkeypatch.setattr("domain.dto.chat.SESSION_IDLE_TIMEOUT", timedelta(0))
    await say(channel, number, "A day later")
    assert meta.graph.texts_to(number) == told
    assert len(await channel.chat_ids_of(number)) == 1


async def test_what_is_no_text_is_told_to_the_operator_and_not_answered(
    channel: Channel, meta: Meta
) -> None:
    number = new_number()
    await hand_over(channel, number, number)
    told = meta.graph.texts_to(number)
    photo = photo_of(number)
    await channel.accept(photo)
    await channel.is_done(photo)
    assert meta.graph.texts_to(number) == told
    assert (await channel.questions_of(number))[-1] == UNSUPPORTED_NOTE
