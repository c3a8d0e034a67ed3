"""The WhatsApp channel, from an accepted delivery to the replies at Meta."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import date

import pytest
import pytest_asyncio
from structlog.testing import capture_logs

from app.core.service.whatsapp.texts import RESET_DONE, UNSUPPORTED_MESSAGE
from domain.dto.whatsapp import (
    Correction,
    FailedDelivery,
    IdentityChange,
    SenderIdentity,
    WebhookDelivery,
)
from domain.dto.whatsapp_inbox import InboxEntry, LockRefused, ReceiptState, Recording
from infra.dynamodb.dynamodb_client import DynamoDBClient
from scripts.whatsapp_stand_in import GraphAnswer, accepted
from tests.support.waiting import eventually
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


async def test_a_question_is_marked_as_read_and_answered_once(channel: Channel, meta: Meta) -> None:
    number = new_number()
    question = text_of(number, "Olá")
    for _ in range(5):
        await channel.accept(question, question)
    assert await channel.is_done(question) is ReceiptState.ANSWERED
    await channel.accept(question)
    assert await channel.is_done(question) is ReceiptState.ANSWERED
    asked, answered = await channel.messages_of(number)
    assert (asked.content, asked.user_id) == ("Olá", f"whatsapp_{number}")
    assert meta.graph.texts_to(number) == [answered.content]
    read, sent = meta.graph.calls
    assert read.payload["message_id"] == question.message_id
    assert sent.recipient == number


async def test_a_delivery_that_takes_too_long_comes_further_with_each_attempt(
    channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = channel.inbox.record
    attempts: list[asyncio.Task[None]] = []
    recorded: list[str] = []

    async def record_until_it_is_late(*entries: InboxEntry) -> Sequence[Recording]:
        recordings = await record(*entries)
        recorded.extend(entry.message_id for entry in entries)
        if len(recorded) >= 60 * len(attempts):
            attempts[-1].cancel()
        return recordings

    monkeypatch.setattr(channel.inbox, "record", record_until_it_is_late)
    person = new_number()
    questions = [text_of(person, "Olá") for _ in range(150)]

    async with asyncio.timeout(60):
        while not attempts or attempts[-1].cancelled():
            attempts.append(asyncio.create_task(channel.accept(*questions)))
            await asyncio.wait(attempts)

    assert len(attempts) == 3
    assert sorted(recorded) == sorted(question.message_id for question in questions)
    await channel.is_done(questions[-1])


async def test_a_reply_bears_the_marks_of_whatsapp(channel: Channel, meta: Meta) -> None:
    number = new_number()
    question = text_of(number, "**Olá**")
    await channel.accept(question)
    await channel.is_done(question)
    _, answered = await channel.messages_of(number)
    (sent,) = meta.graph.texts_to(number)
    assert "**Olá**" in answered.content
    assert "*Olá*" in sent and "**" not in sent


async def test_a_conversation_goes_on_under_either_identifier(channel: Channel, meta: Meta) -> None:
    number, user_id = new_number(), f"BR.{new_number()}"
    forms = [
        SenderIdentity(number, user_id),
        SenderIdentity(None, user_id),
        SenderIdentity(number),
    ]
    for form in forms:
        question = text_of(form, "Olá")
        await channel.accept(question)
        await channel.is_done(question)
    assert len(await channel.chat_ids_of(number)) == 1
    assert len(await channel.questions_of(number)) == 3
    assert len(meta.graph.texts_to(number)) == 2
    assert len(meta.graph.texts_to(user_id)) == 1


async def test_someone_without_a_number_is_known_by_the_business_scoped_id(
    channel: Channel, meta: Meta
) -> None:
    user_id = f"BR.{new_number()}"
    question = text_of(SenderIdentity(None, user_id), "Olá")
    await channel.accept(question)
    await channel.is_done(question)
    assert await channel.questions_of(user_id) == ["Olá"]
    assert meta.graph.sent[0].payload["recipient"] == user_id


async def test_what_waits_behind_a_turn_is_answered_together(channel: Channel, meta: Meta) -> None:
    number = new_number()
    all_wait = asyncio.Event()
    meta.graph.answers_to[number].append(accepted(after=all_wait))
    first = text_of(number, "first")
    rest = [text_of(number, text) for text in ("second", "third", "fourth")]
    await channel.accept(first)
    await eventually(lambda: meta.graph.texts_to(number) != [])
    for message in rest:
        await channel.accept(message)
    all_wait.set()
    assert await channel.is_done(*rest) is ReceiptState.ANSWERED
    assert await channel.questions_of(number) == ["first", "second\nthird\nfourth"]
    assert len(meta.graph.texts_to(number)) == 2
    receipts = [await channel.inbox.receipt(message.message_id) for message in [first, *rest]]
    assert {receipt.state for receipt in receipts if receipt} == {ReceiptState.ANSWERED}


async def test_one_persons_messages_keep_metas_order(channel: Channel) -> None:
    number = new_number()
    texts = [text_of(number, str(second), sent_at=1000 + second) for second in (3, 1, 2, 0)]
    await channel.accept(*texts)
    await channel.is_done(*texts)
    assert await channel.questions_of(number) == ["0", "1\n2\n3"]


async def test_two_people_are_answered_at_the_same_time(channel: Channel, meta: Meta) -> None:
    numbers = [new_number() for _ in range(6)]
    all_are_there = asyncio.Event()
    for number in numbers:
        meta.graph.answers_to[number].append(accepted(after=all_are_there))
    questions = [text_of(number, "Olá") for number in numbers]
    await channel.accept(*questions)
    await eventually(lambda: len(meta.graph.sent) == len(numbers))
    all_are_there.set()
    await channel.is_done(*questions)
    assert all(len(meta.graph.texts_to(number)) == 1 for number in numbers)


async def test_reset_begins_a_new_chat(channel: Channel, meta: Meta) -> None:
    number = new_number()
    for text in ("Olá", "/Reset", "De novo"):
        question = text_of(number, text)
        await channel.accept(question)
        await channel.is_done(question)
    first, second = await channel.chat_ids_of(number)
    assert await channel.questions_of(number) == ["Olá", "De novo"]
    assert meta.graph.texts_to(number)[1] == RESET_DONE
    page = await channel.sessions_of(number, first)
    assert [session.ended_at is None for session in page] == [False]
    assert [session.ended_at is None for session in await channel.sessions_of(number, second)] == [
        True
    ]


async def test_an_album_gets_one_polite_sentence(channel: Channel, meta: Meta) -> None:
    number = new_number()
    album = [photo_of(number) for _ in range(4)]
    await channel.accept(*album)
    assert await channel.is_done(*album) is ReceiptState.ANSWERED
    assert meta.graph.texts_to(number) == [UNSUPPORTED_MESSAGE]
    # Afterwards, the indicator would stand there for 25 seconds.
    assert [call.is_read_mark for call in meta.graph.calls] == [True, False]
    assert await channel.messages_of(number) == []


async def test_a_passing_failure_of_the_graph_api_costs_nothing(
    channel: Channel, meta: Meta
) -> None:
    number = new_number()
    meta.graph.answers_to[number].append(graph_error(131000, 500))
    question = text_of(number, "Olá")
    await channel.accept(question)
    assert await channel.is_done(question) is ReceiptState.ANSWERED
    assert len(meta.graph.texts_to(number)) == 2
    assert len(await channel.questions_of(number)) == 1


async def test_a_longer_failure_postpones_the_same_reply(channel: Channel, meta: Meta) -> None:
    number = new_number()
    meta.graph.answers_to[number].extend([graph_error(131016, 503)] * 3)
    question = text_of(number, "Olá")
    await channel.accept(question)
    assert await channel.is_done(question) is ReceiptState.ANSWERED
    sent = meta.graph.texts_to(number)
    assert len(sent) == 4
    assert len(set(sent)) == 1
    assert await channel.questions_of(number) == ["Olá"]


async def test_a_reply_that_may_have_been_accepted_is_sent_twice_at_most(
    channel: Channel, meta: Meta
) -> None:
    survived, lost = new_number(), new_number()
    drop = GraphAnswer(drop=True)
    meta.graph.answers_to[survived].append(drop)
    meta.graph.answers_to[lost].extend([drop] * 3)
    questions = text_of(survived, "Olá"), text_of(lost, "Olá")
    await channel.accept(*questions)
    assert await channel.is_done(questions[0]) is ReceiptState.ANSWERED
    assert await channel.is_done(questions[1]) is ReceiptState.FAILED
    for number in (survived, lost):
        first, second = meta.graph.texts_to(number)
        assert first == second
        assert len(await channel.questions_of(number)) == 1


async def test_a_blocked_account_keeps_every_message(channel: Channel, meta: Meta) -> None:
    number = new_number()
    meta.graph.answers_to[number].append(graph_error(190, 401))
    question = text_of(number, "Olá")
    await channel.accept(question)
    await eventually(lambda: meta.graph.texts_to(number) != [])
    await asyncio.sleep(0.1)
    receipt = await channel.inbox.receipt(question.message_id)
    assert receipt is not None and receipt.state is ReceiptState.SENDING
    lock = await channel.people.lock(number, "somebody", 1)
    # An operator has to act: asking Meta every minute for each of the people would not help.
    assert isinstance(lock, LockRefused) and lock.seconds > 250


async def test_photos_in_deliveries_of_their_own_get_one_polite_sentence(
    channel: Channel, meta: Meta
) -> None:
    number = new_number()
    album = [photo_of(number) for _ in range(5)]
    await asyncio.gather(*(channel.accept(photo) for photo in album))
    assert await channel.is_done(*album) is ReceiptState.ANSWERED
    assert meta.graph.texts_to(number) == [UNSUPPORTED_MESSAGE]


async def test_what_is_edited_or_taken_back_while_it_waits_is_not_answered_as_it_was(
    channel: Channel, meta: Meta
) -> None:
    number = new_number()
    all_is_said = asyncio.Event()
    meta.graph.answers_to[number].append(accepted(after=all_is_said))
    first, edited, revoked = (text_of(number, text) for text in ("first", "wrong", "secret"))
    await channel.accept(first)
    await eventually(lambda: meta.graph.texts_to(number) != [])
    await channel.accept(edited, revoked)
    corrections = Correction(edited.message_id, "right"), Correction(revoked.message_id, None)
    await channel.service.accept(WebhookDelivery(corrections=corrections))
    all_is_said.set()
    await channel.is_done(edited)
    # Afterwards, it changes nothing; nor does it of a message that nobody knows.
    late = Correction(first.message_id, "late"), Correction("wamid.unknown", None)
    await channel.service.accept(WebhookDelivery(corrections=late))
    await channel.accept(revoked)
    await channel.is_done(revoked)
    assert await channel.questions_of(number) == ["first", "right"]
    assert len(meta.graph.texts_to(number)) == 2


async def test_a_limit_of_hours_keeps_a_reply_and_a_broken_one_is_given_up(
    channel: Channel, meta: Meta
) -> None:
    limited, broken = new_number(), new_number()
    for number, code in ((limited, 130429), (broken, 131000)):
        # Hours of failures lie behind them.
        await channel.people.lock(number, "somebody", 30)
        await channel.people.postpone(number, "somebody", failures=25, seconds=0)
        meta.graph.answers_to[number].extend([graph_error(code, 429)] * 3)
    questions = text_of(limited, "Olá"), text_of(broken, "Olá")
    await channel.accept(*questions)
    assert await channel.is_done(questions[1]) is ReceiptState.FAILED
    await eventually(lambda: len(meta.graph.texts_to(limited)) == 3)
    receipt = await channel.inbox.receipt(questions[0].message_id)
    assert receipt is not None and receipt.state is ReceiptState.SENDING


async def test_a_message_of_years_ago_is_answered(channel: Channel, meta: Meta) -> None:
    number = new_number()
    question = text_of(number, "Olá", sent_at=1_480_000_000)
    await channel.accept(question)
    assert await channel.is_done(question) is ReceiptState.ANSWERED
    assert len(meta.graph.texts_to(number)) == 1


async def test_somebody_else_behind_a_number_begins_a_chat_of_their_own(
    channel: Channel, meta: Meta
) -> None:
    number, former_id, new_id = new_number(), f"BR.{new_number()}", f"BR.{new_number()}"
    for user_id in (former_id, new_id):
        question = text_of(SenderIdentity(number, user_id), f"I am {user_id}")
        await channel.accept(question)
        await channel.is_done(question)
    assert await channel.questions_of(number) == [f"I am {former_id}"]
    assert await channel.questions_of(new_id) == [f"I am {new_id}"]
    assert len(meta.graph.texts_to(number)) == 2


async def test_a_conversation_goes_on_under_a_new_number(channel: Channel, meta: Meta) -> None:
    number, new_phone = new_number(), new_number()
    first, second = text_of(number, "Olá"), text_of(new_phone, "Sou eu")
    await channel.accept(first)
    await channel.is_done(first)
    moved = IdentityChange((number,), SenderIdentity(new_phone))
    await channel.service.accept(WebhookDelivery((second,), identity_changes=(moved,)))
    await channel.is_done(second)
    assert await channel.questions_of(number) == ["Olá", "Sou eu"]
    assert len(meta.graph.texts_to(new_phone)) == 1


async def test_a_refused_reply_is_not_repeated_and_blocks_nothing(
    channel: Channel, meta: Meta
) -> None:
    number = new_number()
    meta.graph.answers_to[number].append(graph_error(131047))
    refused, next_one = text_of(number, "Olá", sent_at=1), text_of(number, "E agora?", sent_at=2)
    await channel.accept(refused)
    assert await channel.is_done(refused) is ReceiptState.FAILED
    await channel.accept(next_one)
    assert await channel.is_done(next_one) is ReceiptState.ANSWERED
    assert len(meta.graph.texts_to(number)) == 2


async def test_one_persons_trouble_is_nobody_elses(channel: Channel, meta: Meta) -> None:
    troubled, other = new_number(), new_number()
    meta.graph.answers_to[troubled].extend([graph_error(131000, 500)] * 3)
    question, answered = text_of(troubled, "Olá"), text_of(other, "Olá")
    await channel.accept(question)
    await asyncio.sleep(0.1)
    await channel.accept(answered)
    assert await channel.is_done(answered) is ReceiptState.ANSWERED
    assert len(await channel.inbox.waiting(troubled, 1)) == 1
    assert await channel.is_done(question) is ReceiptState.ANSWERED


async def test_a_stopping_bot_finishes_its_turns_and_leaves_the_rest(
    channel: Channel, meta: Meta
) -> None:
    number = new_number()
    one_more_waits = asyncio.Event()
    meta.graph.answers_to[number].append(accepted(after=one_more_waits))
    running, waiting = text_of(number, "Olá"), text_of(number, "E agora?")
    await channel.accept(running)
    await eventually(lambda: meta.graph.texts_to(number) != [])
    stopping = asyncio.create_task(channel.service.stop())
    await channel.accept(waiting)
    one_more_waits.set()
    await stopping
    assert len(meta.graph.texts_to(number)) == 1
    assert [e.text for e in await channel.inbox.waiting(number, 10)] == ["E agora?"]

    successor = meta.process()
    await successor.service.start()
    assert await successor.is_done(waiting) is ReceiptState.ANSWERED
    assert await successor.questions_of(number) == ["Olá", "E agora?"]
    assert len(meta.graph.texts_to(number)) == 2


async def test_two_processes_under_many_deliveries_answer_each_message_once(
    channel: Channel, meta: Meta
) -> None:
    other = meta.process()
    await other.service.start()
    numbers = [new_number() for _ in range(6)]
    asked = {n: [text_of(n, f"{n} {i}", sent_at=100 + i) for i in range(4)] for n in numbers}
    deliveries = [
        process.accept(*messages[: 1 + turn])
        for turn in range(4)
        for messages in asked.values()
        for process in (channel, other)
    ]
    await asyncio.gather(*deliveries)
    for messages in asked.values():
        assert await channel.is_done(*messages) is ReceiptState.ANSWERED
    for number in numbers:
        questions = "\n".join(await channel.questions_of(number)).split("\n")
        assert sorted(questions) == [f"{number} {i}" for i in range(4)]
        replies = [m.content for m in await channel.messages_of(number) if m.role == "assistant"]
        assert sorted(meta.graph.texts_to(number)) == sorted(replies)


async def test_a_version_of_the_graph_api_that_ends_is_told_at_the_start(
    meta: Meta, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = meta.process()
    with capture_logs() as logs:
        await channel.service.start()
    assert "whatsapp_graph_version_ends" not in str(logs)
    target = "app.core.service.whatsapp.whatsapp_chat_service.end_to_warn_of"
    monkeypatch.setattr(target, lambda version, today: date(2028, 7, 29))
    other = meta.process()
    with capture_logs() as logs:
        await other.service.start()
    (line,) = [entry for entry in logs if entry["event"] == "whatsapp_graph_version_ends"]
    assert line["ends"] == "2028-07-29"


async def test_logs_name_neither_people_nor_words(channel: Channel, meta: Meta) -> None:
    number, user_id = new_number(), f"BR.{new_number()}"
    secret = "quarenta e dois"
    meta.graph.answers_to[number].extend([graph_error(131000, 500)] * 3 + [graph_error(131047)])
    questions = [text_of(SenderIdentity(number, user_id), secret), text_of(user_id, secret)]
    failed = FailedDelivery(f"wamid.{number}", 131047)
    with capture_logs() as logs:
        await channel.service.accept(
            WebhookDelivery(messages=tuple(questions), failed_deliveries=(failed,))
        )
        await channel.is_done(*questions)
    events = {entry["event"] for entry in logs}
    assert {"whatsapp_delivery_accepted", "whatsapp_delivery_failed", "whatsapp_postponed"} < events
    assert "whatsapp_reply_failed" in events
    for private in (number, user_id, secret, *(q.message_id for q in questions)):
        assert private not in str([entry for entry in logs if entry["log_level"] != "debug"])
