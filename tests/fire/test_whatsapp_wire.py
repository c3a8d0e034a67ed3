"""The WhatsApp wire for minutes: what Meta delivers, however often, and a Graph API in trouble."""

import asyncio
import os
import random
import re
import secrets
import time
from collections import Counter, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager

import boto3
import httpx
import pytest
from app.core.service.whatsapp.texts import UNSUPPORTED_MESSAGE
from scripts.whatsapp_stand_in import (
    GraphAnswer,
    GraphCall,
    GraphStandIn,
    Payload,
    Sender,
    deliver,
    delivery_of,
    message_of,
    new_message_id,
    text_message,
)
from tests.support.bedrock_fake import BedrockFake, Reply
from tests.support.bots import BotProcess
from tests.support.waiting import eventually
from tests.support.whatsapp_channel import graph_error, new_number
from tests.support.whatsapp_kinds import KINDS, OTHER_FIELDS, STATUSES, Expected

SECRET = "app-secret"  # noqa: S105
ROUNDS = int(os.environ.get("FIRE_WIRE_ROUNDS", "6"))
CHATTERS = int(os.environ.get("FIRE_WIRE_CHATTERS", "20"))
OUTAGE_SECONDS = float(os.environ.get("FIRE_WIRE_OUTAGE_SECONDS", "60"))
SETTLE_SECONDS = 4.0
AT_ONCE = 20
DAY = 24 * 3600
SEED = 20261126

Figures = Callable[..., None]
StartBot = Callable[..., Awaitable[BotProcess]]
Answering = Callable[[GraphCall], GraphAnswer | None]


def never(call: GraphCall) -> GraphAnswer | None:
    return None


class StrictGraph(GraphStandIn):
    """Accepts a message unless `trouble` says otherwise, and remembers what it accepted."""

    def __init__(self, trouble: Answering = never) -> None:
        super().__init__()
        self.trouble = trouble
        self.accepted: list[GraphCall] = []

    def _answer(self, call: GraphCall) -> GraphAnswer:
        answer = self.trouble(call)
        if answer is not None:
            return answer
        if not call.is_read_mark:
            self.accepted.append(call)
        return super()._answer(call)

    def replies(self) -> Counter[str]:
        """Return how many messages each person was sent."""
        return Counter(call.recipient for call in self.accepted)


@asynccontextmanager
async def strict_graph(trouble: Answering = never) -> AsyncIterator[StrictGraph]:
    graph = StrictGraph(trouble)
    await graph.start()
    try:
        yield graph
    finally:
        await graph.stop()


class Meta:
    """Delivers to a bot; every delivery has to be acknowledged."""

    def __init__(self, http: httpx.AsyncClient, bot: BotProcess) -> None:
        self._http = http
        self._url = f"{bot.url}/webhook/whatsapp"
        self.refused = 0
        self.seconds: list[float] = []

    async def deliver(self, payload: Payload) -> None:
        started_at = time.monotonic()
        answer = await deliver(self._http, self._url, SECRET, payload)
        self.seconds.append(time.monotonic() - started_at)
        self.refused += answer.status_code != 200

    async def deliver_all(self, payloads: Iterable[Payload], at_once: int = AT_ONCE) -> None:
        places = asyncio.Semaphore(at_once)

        async def one(payload: Payload) -> None:
            async with places:
                await self.deliver(payload)

        await asyncio.gather(*(one(payload) for payload in payloads))


async def start(start_bot: StartBot, graph: GraphStandIn, **settings: str) -> BotProcess:
    return await start_bot(
        WHATSAPP_PHONE_NUMBER_ID="1122334455667",
        WHATSAPP_ACCESS_TOKEN="EAAx",  # noqa: S106
        WHATSAPP_APP_SECRET=SECRET,
        WHATSAPP_GRAPH_URL=graph.url,
        RATE_LIMIT_PER_MINUTE="0",
        **settings,
    )


def everybody() -> tuple[list[Payload], dict[str, Expected], dict[str, list[str]]]:
    """Return messages of every kind, each of a person of its own, and of people who write several.

    Returns:
        The messages; what the people get who wrote one; the words of those who wrote several.
    """
    messages: list[Payload] = []
    expected: dict[str, Expected] = {}
    words: dict[str, list[str]] = {}
    for _ in range(ROUNDS):
        for kind in KINDS:
            person = Sender(new_number(), f"BR.{new_number()}")
            envelope = message_of(person, {}, message_id=new_message_id())
            messages.append(envelope | kind.content)
            expected[str(person.phone)] = kind.expected
    for _ in range(CHATTERS):
        person = Sender(new_number())
        words[str(person.phone)] = [f"w{secrets.randbelow(10**9)}" for _ in range(5)]
        messages += [text_message(person, word) for word in words[str(person.phone)]]
    return messages, expected, words


def rebatched(messages: Sequence[Payload], chance: random.Random) -> list[Payload]:
    """Return deliveries with the messages in other company, some in two changes or entries."""
    waiting = deque(chance.sample(messages, len(messages)))
    deliveries: list[Payload] = []
    while waiting:
        batch = [waiting.popleft() for _ in range(min(len(waiting), chance.randint(1, 20)))]
        broken = chance.choice([None, {}, {"type": "interactive", "interactive": {"type": []}}])
        delivery = delivery_of([*batch, broken, *batch[:2]])
        (entry,) = delivery["entry"]
        match chance.randrange(3):
            case 1:
                entry["changes"] += delivery_of(batch[:3])["entry"][0]["changes"]
            case 2:
                delivery["entry"] += delivery_of(batch[:3])["entry"]
        field, value = chance.choice([*OTHER_FIELDS.items()])
        entry["changes"].append({"field": field, "value": value})
        entry["changes"].append({"field": "messages", "value": {"statuses": [*STATUSES]}})
        deliveries.append(delivery)
    return deliveries


def said_to(graph: StrictGraph, person: str) -> list[str]:
    """Return the words of the person that the bot's answers quote, in order."""
    quotes = [
        line
        for text in (call.text for call in graph.accepted if call.recipient == person)
        for line in text.split("\n")
        if line.startswith("> ")
    ]
    return [word for quote in quotes for word in re.findall(r"w[0-9]+", quote)]


async def test_each_of_hundreds_of_messages_is_answered_once_however_often_it_comes(
    start_bot: StartBot, figures: Figures, dynamodb_endpoint: str, table: str
) -> None:
    chance = random.Random(SEED)  # noqa: S311
    messages, expected, words = everybody()
    to_answer = {person for person, what in expected.items() if what is not Expected.NOTHING}

    def wrong(graph: StrictGraph) -> list[str]:
        """Return the people who got another number of replies, or others, than they should."""
        replies = graph.replies()
        asked_for_text = {c.recipient for c in graph.accepted if c.text == UNSUPPORTED_MESSAGE}
        polite = {person for person, what in expected.items() if what is Expected.SENTENCE}
        counts = {p: replies[p] for p in expected if replies[p] != int(p in to_answer)}
        quoted = {p for p in words if sorted(said_to(graph, p)) != sorted(words[p])}
        return [*counts, *quoted, *(asked_for_text ^ polite)]

    async with strict_graph() as graph, httpx.AsyncClient(timeout=30) as http:
        bot = await start(start_bot, graph)
        meta = Meta(http, bot)
        alone = [delivery_of([message]) for message in messages] * 2
        chance.shuffle(alone)
        deliveries = [*alone, *rebatched(messages, chance), *rebatched(messages, chance)]
        chance.shuffle(deliveries)
        await meta.deliver_all(deliveries)
        for message in chance.sample(messages, 20):
            await meta.deliver_all([delivery_of([message])] * AT_ONCE)
        await eventually(lambda: not wrong(graph), within=180)
        await asyncio.sleep(SETTLE_SECONDS)
        count = len(messages)
        failed = wrong(graph)
        figures(
            "WhatsApp messages of every kind, shuffled, re-batched, 20 at once: answered once",
            cases=count,
            passed=count - len(failed),
            figure=f"{len(meta.seconds)} deliveries, {meta.refused} refused",
        )
        assert (failed, meta.refused) == ([], 0)

        # A restart, and what Meta still redelivers a week later.
        assert await bot.stop() == 0
        sent = len(graph.accepted)
        shift_clock(dynamodb_endpoint, table, days=7)
        meta = Meta(http, await start(start_bot, graph))
        await meta.deliver_all(rebatched(messages, chance))
        await asyncio.sleep(SETTLE_SECONDS)
        figures(
            "WhatsApp messages redelivered after a restart and 7 days: not answered again",
            cases=count,
            passed=count - (len(graph.accepted) - sent),
        )
        assert (len(graph.accepted), meta.refused) == (sent, 0)

        # The clock was moved: two days later the bot has forgotten them.
        shift_clock(dynamodb_endpoint, table, days=2)
        again = next(m for m in messages if m.get("from") in to_answer)
        await meta.deliver(delivery_of([again]))
        await eventually(lambda: len(graph.accepted) == sent + 1, within=15)


def shift_clock(endpoint: str, table: str, days: int) -> None:
    """Let everything in the table expire so much sooner."""
    client = boto3.client(
        "dynamodb",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="local",
        aws_secret_access_key="local",  # noqa: S106
    )
    for page in client.get_paginator("scan").paginate(TableName=table):
        for item in page["Items"]:
            if "expires_at" in item:
                client.update_item(
                    TableName=table,
                    Key={name: item[name] for name in ("partition_key", "sort_key")},
                    UpdateExpression="SET expires_at = expires_at - :seconds",
                    ExpressionAttributeValues={":seconds": {"N": str(days * DAY)}},
                )


class Limits:
    """Meta's limits: a message every so many seconds to a person, and so many a second."""

    def __init__(self, pair_seconds: float, a_second: int) -> None:
        self._pair_seconds = pair_seconds
        self._a_second = a_second
        self._last: dict[str, float] = {}
        self._recent: deque[float] = deque()
        self.refused: Counter[int] = Counter()

    def __call__(self, call: GraphCall) -> GraphAnswer | None:
        if call.is_read_mark:
            return None
        while self._recent and self._recent[0] <= call.at - 1:
            self._recent.popleft()
        if call.at - self._last.get(call.recipient, -self._pair_seconds) < self._pair_seconds:
            return self._refuse(131056, 400)
        if len(self._recent) >= self._a_second:
            return self._refuse(130429, 429)
        self._last[call.recipient] = call.at
        self._recent.append(call.at)
        return None

    def _refuse(self, code: int, status: int) -> GraphAnswer:
        self.refused[code] += 1
        return graph_error(code, status)


def part_numbers(texts: Iterable[str]) -> list[str]:
    return [number for text in texts for number in re.findall(r"line ([0-9]+)", text)]


async def test_metas_limits_delay_replies_and_lose_none(
    start_bot: StartBot, bedrock: BedrockFake, figures: Figures
) -> None:
    lines = [f"line {number} {'x' * 60}." for number in range(150)]
    bedrock.always(Reply(text=("\n".join(lines),)))
    limits = Limits(pair_seconds=6.0, a_second=20)
    people = [Sender(new_number()) for _ in range(150)]
    async with strict_graph(limits) as graph, httpx.AsyncClient(timeout=30) as http:
        bot = await start(start_bot, graph, **with_bedrock(bedrock))
        meta = Meta(http, bot)
        started_at = time.monotonic()
        await meta.deliver_all(delivery_of([text_message(p, "Tudo?")]) for p in people)
        everything = [str(number) for number in range(150)]

        def complete() -> list[Sender]:
            texts: dict[str, list[str]] = {}
            for call in graph.accepted:
                texts.setdefault(call.recipient, []).append(call.text)
            return [p for p in people if part_numbers(texts.get(p.phone or "", ())) == everything]

        await eventually(lambda: len(complete()) == len(people), within=240)
        await asyncio.sleep(SETTLE_SECONDS)
        seconds = time.monotonic() - started_at
        passed = len(complete())
        figures(
            "WhatsApp replies of 3 parts under pair rate (6 s) and throughput (20/s): whole, in order",
            cases=len(people),
            passed=passed,
            figure=f"{seconds:.0f} s; refused: pair {limits.refused[131056]},"
            f" throughput {limits.refused[130429]}",
        )
        assert passed == len(people)
        assert limits.refused[131056] > 0 and limits.refused[130429] > 0
        assert max(Counter(call.text for call in graph.accepted).values()) == len(people)


def with_bedrock(bedrock: BedrockFake) -> dict[str, str]:
    return {"LLM_PROVIDER": "bedrock", "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": bedrock.url}


SILENCE = GraphAnswer(delay_seconds=10 * 60)
LOGIN_PAGE = GraphAnswer(200, "<html><body>Please log in</body></html>")


@pytest.mark.parametrize(
    ("what", "answer"),
    [
        ("is silent", lambda: SILENCE),
        ("answers 200 with HTML", lambda: LOGIN_PAGE),
        ("answers 503", lambda: graph_error(131016, 503)),
        ("is rate limited (130429)", lambda: graph_error(130429, 429)),
        ("is rate limited (4)", lambda: graph_error(4)),
    ],
    ids=["silent", "html", "503", "130429", "4"],
)
async def test_an_outage_of_the_graph_api_loses_and_doubles_nothing(
    what: str,
    answer: Callable[[], GraphAnswer],
    start_bot: StartBot,
    bedrock: BedrockFake,
    figures: Figures,
) -> None:
    bedrock.always(Reply(text=("Pois não!",)))
    people = [Sender(new_number()) for _ in range(30)]
    began_at = time.monotonic()

    def trouble(call: GraphCall) -> GraphAnswer | None:
        return answer() if call.at - began_at < OUTAGE_SECONDS else None

    async with strict_graph(trouble) as graph, httpx.AsyncClient(timeout=30) as http:
        bot = await start(start_bot, graph, **with_bedrock(bedrock))
        began_at = time.monotonic()
        meta = Meta(http, bot)
        # Some at its beginning, the others while it lasts.
        for group in (people[:10], people[10:20], people[20:]):
            await meta.deliver_all(delivery_of([text_message(p, "Oi")]) for p in group)
            await asyncio.sleep(OUTAGE_SECONDS / 4)
        numbers = [str(person.phone) for person in people]
        await eventually(lambda: set(graph.replies()) == set(numbers), within=180)
        last = graph.accepted[-1].at - began_at - OUTAGE_SECONDS
        await asyncio.sleep(SETTLE_SECONDS)
        replies = graph.replies()
        passed = sum(replies[number] == 1 for number in numbers)
        figures(
            f"WhatsApp while the Graph API {what} for {OUTAGE_SECONDS:.0f} s: answered once",
            cases=len(people),
            passed=passed,
            figure=f"last reply {last:.0f} s after its return",
        )
        assert passed == len(people)
        assert meta.refused == 0


async def test_a_connection_cut_without_an_answer_doubles_at_most_what_was_accepted(
    start_bot: StartBot, bedrock: BedrockFake, figures: Figures
) -> None:
    bedrock.always(Reply(text=("Pois não!",)))
    chance = random.Random(SEED)  # noqa: S311
    cut: set[str] = set()

    def trouble(call: GraphCall) -> GraphAnswer | None:
        # Taken in, or not, but the answer never arrives: once for each person.
        if call.is_read_mark or call.recipient in cut:
            return None
        cut.add(call.recipient)
        if chance.random() < 0.5:
            graph.accepted.append(call)
        return GraphAnswer(drop=True)

    people = [str(Sender(new_number()).phone) for _ in range(40)]
    async with strict_graph(trouble) as graph, httpx.AsyncClient(timeout=30) as http:
        bot = await start(start_bot, graph, **with_bedrock(bedrock))
        meta = Meta(http, bot)
        await meta.deliver_all(delivery_of([text_message(Sender(p), "Oi")]) for p in people)
        await eventually(lambda: len(graph.sent) >= 2 * len(people), within=60)
        await asyncio.sleep(SETTLE_SECONDS)
        replies = graph.replies()
        passed = sum(1 <= replies[person] <= 2 for person in people)
        figures(
            "WhatsApp replies whose acceptance was cut off: sent once more, at most twice",
            cases=len(people),
            passed=passed,
            figure=f"{sum(replies[person] == 2 for person in people)} doubled",
        )
        assert passed == len(people)
        assert len(graph.sent) == 2 * len(people)
