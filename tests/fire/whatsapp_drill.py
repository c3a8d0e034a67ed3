"""What the drills of WhatsApp need: people who write, Meta, a model that repeats them, and bots."""

import asyncio
import json
import os
import random
import re
import secrets
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from app.core.ports.chat_storage import ListingRequest
from domain.dto.chat import Message
from infra.aws.aws_connection import AwsConnection, AwsOptions
from infra.dynamodb.dynamodb_client import DynamoDBClient
from infra.repositories.chat_repository import ChatRepository
from infra.repositories.whatsapp_repository import SHARDS
from scripts.whatsapp_stand_in import (
    GraphStandIn,
    Payload,
    Sender,
    deliver,
    delivery_of,
    graph_stand_in,
    text_message,
)
from tests.support.bedrock_fake import BedrockFake, Reply, Script
from tests.support.bots import BotProcess, launch, until_ready
from tests.support.fifo_queue import fifo_queue
from tests.support.tables import Tables
from tests.support.wire_server import Exchange, WireRequest

SECRET = "app-secret"  # noqa: S105
# What is asked bears a word of its own, by which the replies to it are found.
_WORD = re.compile(r"word-[0-9a-f]{12}")
_REDELIVER_SECONDS = 0.5
_EVERYTHING = ListingRequest(limit=100)


def setting(name: str, usual: float) -> float:
    """Return how long or how often, unless the environment says otherwise."""
    return float(os.environ.get(f"FIRE_WHATSAPP_{name}", usual))


class RepeatingModel(BedrockFake):
    """Answers a question by repeating it; with `scripts`, as the first word of its last line says."""

    def __init__(self, pause: float, scripts: Mapping[str, Script] | None = None) -> None:
        self.asked: Counter[str] = Counter()
        self._pause = pause
        self._scripts_of = dict(scripts or {})
        super().__init__()

    async def answer(self, request: WireRequest, exchange: Exchange) -> None:
        question = _last_question(json.loads(request.body))
        self.asked.update(set(_WORD.findall(question)))
        # What was never answered stands before it, in the same turn.
        script = self._scripts_of.get(question.rpartition("\n")[2].split(" ", 1)[0])
        usual = Reply(text=(question,), pause=self._pause)
        await self.play(script or usual, request, exchange)


def _last_question(body: Mapping[str, Any]) -> str:
    # A mark for the cache stands behind the text.
    return "\n".join(part["text"] for part in body["messages"][-1]["content"] if "text" in part)


@dataclass(slots=True)
class Written:
    """A message as its sender wrote it, and when it was acknowledged (monotonic seconds)."""

    sender: Sender
    word: str
    payload: Payload
    posted_at: float = 0.0
    acknowledged_at: float = 0.0
    milliseconds: list[float] = field(default_factory=list)


def people(count: int) -> list[Sender]:
    """Return people nobody knows; every third is known by a business-scoped id as well."""
    numbers = [f"55119{secrets.randbelow(10**8):08d}" for _ in range(count)]
    return [
        Sender(number, f"BR.{number}" if place % 3 == 0 else None, "Cliente")
        for place, number in enumerate(numbers)
    ]


def written_by(sender: Sender, about: str = "Question") -> Written:
    word = f"word-{secrets.token_hex(6)}"
    message = text_message(sender, f"{about} {word}")
    return Written(sender, word, delivery_of([message], [sender]))


class Meta:
    """Delivers until it is acknowledged, and accepts what the bot sends."""

    def __init__(self, graph: GraphStandIn, http: httpx.AsyncClient) -> None:
        self.graph = graph
        self.webhooks: list[str] = []
        self.refused: Counter[int] = Counter()
        self._http = http

    def serve(self, *bots: BotProcess) -> None:
        """Deliver to these bots from now on."""
        self.webhooks = [f"{bot.url}/webhook/whatsapp" for bot in bots]

    async def deliver(self, written: Written) -> None:
        """Post the message until it is acknowledged."""
        while not written.acknowledged_at:
            written.posted_at = time.monotonic()
            try:
                webhook = random.choice(self.webhooks)  # noqa: S311
                answer = await deliver(self._http, webhook, SECRET, written.payload)
            except (httpx.HTTPError, IndexError):
                status = 0
            else:
                status = answer.status_code
            now = time.monotonic()
            written.milliseconds.append((now - written.posted_at) * 1000)
            if status == 200:
                written.acknowledged_at = now
            else:
                self.refused[status] += 1
                await asyncio.sleep(_REDELIVER_SECONDS)

    async def deliver_all(self, messages: Sequence[Written], seconds: float) -> None:
        """Deliver the messages, spread over so many seconds; returns once all are acknowledged."""
        async with asyncio.TaskGroup() as group:
            for message in messages:
                group.create_task(self.deliver(message))
                await asyncio.sleep(seconds / len(messages))

    def sends(self) -> dict[str, list[float]]:
        """Return when each word was sent."""
        sent: dict[str, list[float]] = {}
        for call in self.graph.sent:
            for word in set(_WORD.findall(call.text)):
                sent.setdefault(word, []).append(call.at)
        return sent

    def apologies(self) -> list[str]:
        """Return what was sent that repeats no question."""
        return [call.text for call in self.graph.sent if not _WORD.search(call.text)]

    async def deliver_at(self, messages: Sequence[Written], rate: float) -> None:
        """Deliver so many messages a second, however long the acknowledgements take."""
        started_at = time.monotonic()
        async with asyncio.TaskGroup() as group:
            for number, message in enumerate(messages):
                await asyncio.sleep(started_at + number / rate - time.monotonic())
                group.create_task(self.deliver(message))

    async def all_answered(self, messages: Sequence[Written], within: float) -> float:
        """Wait until each was answered; returns how many seconds that took."""
        started_at = time.monotonic()
        seen = 0
        missing = {message.word for message in messages}
        while missing:
            sent = self.graph.sent
            for call in sent[seen:]:
                missing -= set(_WORD.findall(call.text))
            seen = len(sent)
            assert time.monotonic() < started_at + within, f"{len(missing)} without a reply"
            await asyncio.sleep(0.05)
        return time.monotonic() - started_at


@dataclass(frozen=True, slots=True)
class Scene:
    """Meta, a model, a table and, in the mode `queue`, a queue; and the bots between them."""

    meta: Meta
    model: RepeatingModel
    dynamodb: DynamoDBClient
    folder: Path
    settings: Mapping[str, str]
    processes: list[BotProcess]

    async def bot(self, **environment: str) -> BotProcess:
        """Start one more bot."""
        place = self.folder / f"bot-{len(self.processes)}"
        bot = await until_ready(*launch(place, {**self.settings, **environment}))
        self.processes.append(bot)
        return bot

    async def waiting(self) -> int:
        """Return how many messages lie in the inbox."""
        pages = [
            await self.dynamodb.query(
                f"INBOX#{shard}", prefix="ENTRY#", limit=100_000, attributes=("person",)
            )
            for shard in range(SHARDS)
        ]
        return sum(len(items) for items, _ in pages)

    async def is_quiet(self, within: float = 20.0) -> None:
        """Wait until nothing waits for a reply any more."""
        deadline = time.monotonic() + within
        while waiting := await self.waiting():
            assert time.monotonic() < deadline, f"{waiting} messages wait for a reply"
            await asyncio.sleep(0.1)

    async def history_of(self, sender: Sender) -> tuple[int, list[Message]]:
        """Return how many chats the person has, and all messages of these."""
        chats = ChatRepository(self.dynamodb)
        user_id = f"whatsapp_{sender.phone}"
        page = await chats.list_chats(user_id, _EVERYTHING)
        found: list[Message] = []
        for chat in page.items:
            messages = await chats.list_messages(user_id, chat.chat_id, _EVERYTHING)
            found += messages.items if messages is not None else ()
        return len(page.items), found

    async def faults_in_history(self, messages: Sequence[Written]) -> list[str]:
        """Return what is not there exactly once, as a question and in an answer."""
        faults: list[str] = []
        for sender in {m.sender.phone: m.sender for m in messages}.values():
            chats, history = await self.history_of(sender)
            if chats != 1:
                faults.append(f"{chats} chats")
            for role in ("user", "assistant"):
                text = "\n".join(m.content for m in history if m.role == role)
                times = Counter(_WORD.findall(text))
                faults += [
                    f"{times[m.word]} times in what the {role} said"
                    for m in messages
                    if m.sender.phone == sender.phone and times[m.word] != 1
                ]
        return faults


@asynccontextmanager
async def scene(
    endpoint: str,
    tables: Tables,
    folder: Path,
    model: RepeatingModel,
    table_endpoint: str | None = None,
    queue_endpoint: str | None = None,
) -> AsyncIterator[Scene]:
    """Set the scene; the bots see the table at an address of its own, and have a queue, if given."""
    table = tables.create()
    settings = {
        "PORT": "0",
        "LLM_PROVIDER": "bedrock",
        "AWS_ENDPOINT_URL_DYNAMODB": table_endpoint or endpoint,
        "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": model.url,
        "DDB_TABLE": table,
        "WHATSAPP_PHONE_NUMBER_ID": "1",
        "WHATSAPP_ACCESS_TOKEN": "EAAx",
        "WHATSAPP_APP_SECRET": SECRET,
    }
    connection = AwsConnection(AwsOptions("us-east-1", dynamodb_endpoint_url=endpoint))
    dynamodb = DynamoDBClient(connection, table)
    await dynamodb.start()
    processes: list[BotProcess] = []
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=50)
    try:
        async with (
            graph_stand_in() as graph,
            httpx.AsyncClient(timeout=30, limits=limits) as http,
            AsyncExitStack() as cleanup,
        ):
            settings["WHATSAPP_GRAPH_URL"] = graph.url
            if queue_endpoint is not None:
                queue = await cleanup.enter_async_context(fifo_queue(queue_endpoint))
                settings["WHATSAPP_QUEUE_URL"] = queue.options.url
                settings["AWS_ENDPOINT_URL_SQS"] = queue_endpoint
            meta = Meta(graph, http)
            yield Scene(meta, model, dynamodb, folder, settings, processes)
    finally:
        for bot in processes:
            bot.process.kill()
            bot.process.wait()
        await connection.stop()
        model.close()
