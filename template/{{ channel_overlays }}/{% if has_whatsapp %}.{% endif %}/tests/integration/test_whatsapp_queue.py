"""The queue between the webhook and the workers, on a real FIFO queue."""

import asyncio
import math
import time
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from typing import Any

import pytest
import pytest_asyncio
from aiobotocore.config import AioConfig

from app.core.observability.metrics import Metrics
from app.core.observability.queue_reading import QueueReading
from app.core.observability.whatsapp_metrics import WhatsAppMetrics
from app.core.service.whatsapp.deliveries_first import DeliveriesFirst
from app.core.service.whatsapp.leftovers import Leftovers
from app.core.service.whatsapp.queue_dispatcher import QueueDispatcher
from app.core.service.whatsapp.wake_handler import WakeHandler
from domain.dto.whatsapp_inbox import ReceiptState
from domain.dto.whatsapp_wake import Wake
from domain.exceptions.whatsapp import QueueUnavailable
from infra.aws.aws_connection import AwsConnection, AwsOptions
from infra.dynamodb.dynamodb_client import DynamoDBClient
from infra.sqs.sqs_person_queue import SqsPersonQueue
from scripts.whatsapp_stand_in import Sender, accepted, deliver, delivery_of, text_message
from tests.support.bots import BotsInside
from tests.support.fifo_queue import FifoQueue, fifo_queue
from tests.support.logs import LogLines
from tests.support.table_proxy import Mood, TableProxy
from tests.support.waiting import eventually
from tests.support.whatsapp_channel import (
    Meta,
    meta_with,
    new_number,
    text_of,
    whatsapp_table,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

MAX_RECEIVES = 4


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def dynamodb(dynamodb_endpoint: str) -> AsyncIterator[DynamoDBClient]:
    async with whatsapp_table(dynamodb_endpoint) as client:
        yield client


@pytest_asyncio.fixture(loop_scope="module")
async def meta(dynamodb: DynamoDBClient, dynamodb_endpoint: str) -> AsyncIterator[Meta]:
    async with meta_with(dynamodb, dynamodb_endpoint) as meta:
        yield meta


@pytest_asyncio.fixture(loop_scope="module")
async def queue(dynamodb_endpoint: str) -> AsyncIterator[FifoQueue]:
    async with fifo_queue(dynamodb_endpoint, MAX_RECEIVES) as queue:
        yield queue


class Work:
    """Stands in for the answering of people: takes a while, and says what the test says."""

    def __init__(self, seconds: float = 0.0, outcome: float | None = None) -> None:
        self.seconds = seconds
        self.outcome = outcome
        self.people: list[str] = []
        self.at_once = 0
        self.most_at_once = 0

    async def answer(self, person: str, is_stopping: Callable[[], bool]) -> float | None:
        self.people.append(person)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await asyncio.sleep(self.seconds)
        finally:
            self.at_once -= 1
        return self.outcome


class Inbox:
    """An inbox in which these people wait."""

    def __init__(self, *people: str) -> None:
        self._people = people

    async def people_waiting(self, received_before: int) -> AsyncIterator[str]:
        for person in self._people:
            yield person


def leftovers_of(inbox: Inbox, people: SqsPersonQueue) -> Leftovers:
    return Leftovers(
        inbox,
        people.send_once_in_a_while,
        every_seconds=60,
        grace_seconds=60,
        has_room=people.is_short,
    )


async def start_worker(queue: FifoQueue, work: Work, **options: object) -> QueueDispatcher:
    people = queue.opened(**options)
    answering = DeliveriesFirst(work)
    worker = QueueDispatcher(
        people, WakeHandler(answering), answering, leftovers_of(Inbox(), people)
    )
    await worker.start()
    return worker


async def holds(queue: FifoQueue, messages: int) -> None:
    """Wait until so many messages are in the queue, taken or not."""
    deadline = time.monotonic() + 20
    while await queue.depth() != messages:
        assert time.monotonic() < deadline, f"the queue never holds {messages} messages"
        await asyncio.sleep(0.05)


async def is_empty(queue: FifoQueue) -> None:
    await holds(queue, 0)


@pytest.mark.parametrize(
    ("options", "of_the_queue", "expected"),
    [
        ({}, None, "https://sqs.us-east-1.amazonaws.com"),
        ({"endpoint_url": "http://127.0.0.1:1"}, None, "http://127.0.0.1:1"),
        ({"endpoint_url": "http://127.0.0.1:1"}, "http://127.0.0.1:2", "http://127.0.0.1:2"),
        # There, the general address is that of DynamoDB Local.
        (
            {"endpoint_url": "http://127.0.0.1:1", "dynamodb_local": True},
            None,
            "https://sqs.us-east-1.amazonaws.com",
        ),
    ],
)
async def test_the_queue_is_where_the_settings_say(
    options: dict[str, Any], of_the_queue: str | None, expected: str
) -> None:
    connection = AwsConnection(AwsOptions("us-east-1", **options))
    client = await connection.client("sqs", AioConfig(), of_the_queue)
    assert client.meta.endpoint_url == expected
    await connection.stop()


async def test_a_message_without_a_poller_is_answered_by_whoever_takes_it(meta: Meta) -> None:
    webhook = meta.process()
    number = new_number()
    question = text_of(number, "Olá")
    await webhook.accept(question)
    (taken,) = await meta.queue.opened().receive(10)
    assert Wake.from_json(taken.body) == Wake(number)
    assert await webhook.handler.handle(taken.body, taken.attempt) is None
    assert await webhook.is_done(question) is ReceiptState.ANSWERED
    assert len(meta.graph.texts_to(number)) == 1


async def test_what_was_answered_leaves_the_queue(meta: Meta) -> None:
    channel = meta.process()
    await channel.service.start()
    questions = [text_of(new_number(), "Olá") for _ in range(3)]
    for question in questions:
        await channel.accept(question)
    await channel.is_done(*questions)
    await is_empty(meta.queue)
    assert await meta.queue.dead_letters() == 0


async def test_the_depth_is_what_waits_and_what_was_taken(queue: FifoQueue) -> None:
    metrics = Metrics()
    people = queue.opened()
    reading = QueueReading(WhatsAppMetrics(metrics), people)
    for _ in range(3):
        await people.send(new_number())
    await people.receive(1)
    await reading.read()

    def messages(state: str) -> float | None:
        name = "chatbot_whatsapp_queue_messages"
        return metrics.registry.get_sample_value(name, {"state": state})

    assert (messages("waiting"), messages("taken")) == (2, 1)
    reading.forget()
    assert math.isnan(messages("waiting") or 0)


async def test_a_delivery_whose_enqueue_fails_is_refused_and_loses_nothing(
    bots: BotsInside, meta: Meta, queue: FifoQueue, dynamodb_endpoint: str
) -> None:
    proxy = TableProxy(dynamodb_endpoint)
    person = Sender(new_number(), name="Cliente")
    payload = delivery_of([text_message(person, "Olá")], [person])
    settings = {
        "LLM_PROVIDER": "offline",
        "WHATSAPP_PHONE_NUMBER_ID": "1122334455667",
        "WHATSAPP_ACCESS_TOKEN": "EAAx",
        "WHATSAPP_APP_SECRET": "app-secret",
        "WHATSAPP_GRAPH_URL": meta.graph.url,
        "WHATSAPP_QUEUE_URL": queue.options.url,
        "AWS_ENDPOINT_URL_SQS": proxy.url,
    }
    # Without SQS the bot stops at once; it would wait for what it has just asked for.
    with bots.of_its_own(**settings) as bot, closing(proxy):
        webhook = bot.container.gateways.http_client()
        url, secret = f"{bot.url}/webhook/whatsapp", "app-secret"
        proxy.mood = Mood.AWAY
        assert (await deliver(webhook, url, secret, payload)).status_code == 503
        proxy.mood = Mood.SERVING
        for _ in range(2):
            assert (await deliver(webhook, url, secret, payload)).status_code == 200
        await eventually(lambda: meta.graph.texts_to(person.phone or "") != [])
        assert (await deliver(webhook, url, secret, payload)).status_code == 200
        await is_empty(queue)
    assert len(meta.graph.texts_to(person.phone or "")) == 1


async def test_a_message_that_waits_without_anybody_knowing_is_enqueued_by_its_next_delivery(
    meta: Meta,
) -> None:
    channel = meta.process()
    question = text_of(new_number(), "Olá")
    await channel.leave_behind(question)
    assert await meta.queue.depth() == 0
    await channel.accept(question)
    assert await meta.queue.depth() == 1


async def test_what_was_recorded_but_never_enqueued_is_found_by_the_next_worker(
    meta: Meta, dynamodb: DynamoDBClient
) -> None:
    channel = meta.process()
    question = text_of(new_number(), "Olá")
    await channel.leave_behind(question)
    others = [meta.process() for _ in range(2)]
    for process in (channel, *others):
        await process.service.start()
    assert await channel.is_done(question) is ReceiptState.ANSWERED
    assert len(await channel.questions_of(question.sender.phone or "")) == 1


async def test_leftovers_are_enqueued_once_in_a_while_however_many_look(queue: FifoQueue) -> None:
    person = new_number()
    for process in (queue.opened(), queue.opened()):
        await process.send_once_in_a_while(person)
    assert await queue.depth() == 1
    for _ in range(2):
        await queue.opened().send(person)
    assert await queue.depth() == 3


async def test_while_the_queue_is_long_nobody_is_looked_for(
    queue: FifoQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("infra.sqs.sqs_person_queue._SHORT_QUEUE", 1)
    people = queue.opened()
    leftovers = leftovers_of(Inbox(new_number(), new_number()), people)
    await people.send(new_number())
    await leftovers.wake_all(time.time())
    assert await queue.depth() == 1
    (message,) = await people.receive(1)
    await people.delete(message.receipt)
    await leftovers.wake_all(time.time())
    assert await queue.depth() == 2


async def test_after_a_crash_another_worker_answers_and_nothing_is_doubled(meta: Meta) -> None:
    webhook = meta.process()
    number = new_number()
    question = text_of(number, "Olá")
    await webhook.accept(question)
    # A worker took the message and the person's lock, and was never heard of again.
    assert len(await meta.queue.opened(hidden_seconds=1).receive(1)) == 1
    await webhook.die_with_the_lock_of(number)
    await webhook.service.start()
    assert await webhook.is_done(question) is ReceiptState.ANSWERED
    assert len(meta.graph.texts_to(number)) == 1
    await is_empty(meta.queue)


async def test_two_workers_keep_one_persons_order(meta: Meta) -> None:
    channels = [meta.process() for _ in range(2)]
    for channel in channels:
        await channel.service.start()
    number = new_number()
    meta.graph.answers_to[number].extend([accepted(delay_seconds=0.05)] * 20)
    questions = [text_of(number, str(n), sent_at=1_000 + n) for n in range(12)]
    for turn, question in enumerate(questions):
        await channels[turn % 2].accept(question)
    assert await channels[0].is_done(*questions) is ReceiptState.ANSWERED
    asked = "\n".join(await channels[0].questions_of(number)).split("\n")
    assert asked == [str(n) for n in range(12)]


async def test_a_postponed_message_comes_again_not_before_its_time(queue: FifoQueue) -> None:
    people = queue.opened()
    await people.send(new_number())
    (taken,) = await people.receive(10)
    started_at = time.monotonic()
    await people.postpone(taken.receipt, 1.2)
    while not (again := await people.receive(10)):
        pass
    # Whole seconds, and rather later than earlier.
    assert time.monotonic() - started_at > 1.9
    assert [message.attempt for message in again] == [2]


async def test_a_person_whom_somebody_else_answers_is_looked_after_later(meta: Meta) -> None:
    channel = meta.process()
    number = new_number()
    question = text_of(number, "Olá")
    await channel.people.lock(number, "somebody else", 1.0)
    await channel.service.start()
    await channel.accept(question)
    await asyncio.sleep(0.5)
    assert await meta.queue.depth() == 1
    assert await channel.is_done(question) is ReceiptState.ANSWERED
    await is_empty(meta.queue)


async def test_a_long_turn_keeps_its_message_from_others(
    queue: FifoQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.core.service.whatsapp.queue_dispatcher._HOLD_SECONDS", 0.3)
    work = Work(seconds=3)
    workers = [await start_worker(queue, work, hidden_seconds=2) for _ in range(2)]
    person = new_number()
    await queue.opened().send(person)
    await is_empty(queue)
    assert work.people == [person]
    await asyncio.gather(*(worker.stop(5) for worker in workers))


async def test_what_came_together_for_one_person_is_one_turn(queue: FifoQueue) -> None:
    person = new_number()
    for _ in range(5):
        await queue.opened().send(person)
    work = Work()
    worker = await start_worker(queue, work)
    await is_empty(queue)
    assert work.people == [person]
    await worker.stop(5)


async def test_what_fails_every_time_is_set_aside_and_keeps_nobody_waiting(
    queue: FifoQueue,
) -> None:
    failing, working = Work(outcome=0.0), new_number()
    worker = await start_worker(queue, failing)
    poison = new_number()
    await queue.opened().send(poison)
    deadline = time.monotonic() + 10
    while not await queue.dead_letters():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)
    assert failing.people == [poison] * MAX_RECEIVES
    failing.outcome = None
    await queue.opened().send(working)
    await is_empty(queue)
    assert failing.people[-1] == working
    await worker.stop(5)


async def test_no_more_people_are_answered_at_once_than_there_are_places(
    queue: FifoQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.core.service.whatsapp.queue_dispatcher.MAX_PEOPLE", 2)
    work = Work(seconds=0.1)
    people = [new_number() for _ in range(6)]
    await asyncio.gather(*(queue.opened().send(person) for person in people))
    worker = await start_worker(queue, work)
    await is_empty(queue)
    assert sorted(work.people) == sorted(people)
    assert work.most_at_once == 2
    await worker.stop(5)


async def test_who_cannot_begin_yet_is_left_to_other_workers(
    queue: FifoQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.core.service.whatsapp.deliveries_first._PACE_SECONDS", 60.0)
    people = queue.opened()
    await asyncio.gather(*(people.send(new_number()) for _ in range(40)))
    works = [Work(), Work()]
    workers = [await start_worker(queue, work) for work in works]
    await eventually(lambda: all(work.people for work in works))
    # Long enough for both to take everything.
    await asyncio.sleep(1)
    assert (await people.depth()).waiting >= 20
    await asyncio.gather(*(worker.stop(1) for worker in workers))


async def test_a_worker_that_stops_gives_back_what_it_could_not_finish(queue: FifoQueue) -> None:
    person = new_number()
    slow, quick = Work(seconds=30), Work()
    await queue.opened().send(person)
    stopping = await start_worker(queue, slow)
    await eventually(lambda: slow.people == [person])
    # Longer than a receive waits, and shorter than the turn takes.
    assert await stopping.stop(2) == 1
    successor = await start_worker(queue, quick)
    # Long before the message would be visible again by itself.
    await eventually(lambda: quick.people == [person], within=10)
    await successor.stop(5)
    assert await queue.depth() == 0


async def test_a_queue_that_is_away_is_logged_once_and_waited_for(
    queue: FifoQueue, dynamodb_endpoint: str, logs: LogLines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.core.service.whatsapp.queue_dispatcher._MAX_BACKOFF_SECONDS", 0.2)
    work, person = Work(), new_number()
    with closing(TableProxy(dynamodb_endpoint)) as proxy:
        proxy.mood = Mood.AWAY
        worker = await start_worker(queue, work, endpoint_url=proxy.url)
        with pytest.raises(QueueUnavailable):
            await worker.wake(person)
        # A receive is three requests at most: this is its second, or third.
        requests = len(proxy.requests)
        await eventually(lambda: len(proxy.requests) > requests + 3, within=20)
        assert len(logs.events("whatsapp_queue_away")) == 1
        proxy.mood = Mood.SERVING
        await worker.wake(person)
        await eventually(lambda: work.people == [person], within=20)
        assert len(logs.events("whatsapp_queue_back")) == 1
        await worker.stop(5)


async def test_a_body_that_is_not_ours_stays_and_harms_nobody(
    queue: FifoQueue, logs: LogLines
) -> None:
    work, person = Work(), new_number()
    await queue.put("not ours", "group")
    worker = await start_worker(queue, work)
    await worker.wake(person)
    await eventually(lambda: work.people == [person])
    assert logs.events("whatsapp_wake_unreadable") != []
    await holds(queue, 1)
    await worker.stop(5)
