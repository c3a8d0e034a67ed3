"""WhatsApp under load: Meta has its answer soon, and everybody has theirs once.

FIRE_WHATSAPP_LOAD_RATE (80 a second), FIRE_WHATSAPP_LOAD_SECONDS (60) and
FIRE_WHATSAPP_LOAD_MODEL_SECONDS (10).
"""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from scripts.whatsapp_stand_in import delivery_of, text_message
from tests.support.tables import Tables

from .conftest import Figures, SetScene, local_aws
from .whatsapp_drill import (
    RepeatingModel,
    Written,
    people,
    scene,
    setting,
    written_by,
)

_RATE = setting("LOAD_RATE", 80)
_SECONDS = setting("LOAD_SECONDS", 60)
_MODEL_SECONDS = setting("LOAD_MODEL_SECONDS", 10)
_DRAIN_SECONDS = 1200.0
# Meta's own bound for one delivery.
_MESSAGES = 1000
_MEGABYTES = 3 * 1000 * 1000
# How far the table is, and how much of what passes on the way is held at once.
_AWAY_SECONDS = 0.005
_CHUNK = 64 * 1024


@pytest.fixture
async def dynamodb_endpoint(tmp_path: Path) -> AsyncIterator[str]:
    """TEST_DYNAMODB_ENDPOINT, or a local AWS without what other drills left in it.

    It is one Python process, which takes the longer for everything, the more it has.
    """
    given = os.environ.get("TEST_DYNAMODB_ENDPOINT")
    if given:
        yield given
        return
    async with local_aws(tmp_path / "dynamodb") as endpoint:
        yield endpoint


@pytest.fixture
def tables(dynamodb_endpoint: str) -> Iterator[Tables]:
    tables = Tables(dynamodb_endpoint)
    yield tables
    tables.close()


async def test_meta_has_its_answer_soon_while_the_model_takes_long(
    mode: str, set_scene: SetScene, figures: Figures
) -> None:
    model = RepeatingModel(pause=_MODEL_SECONDS)
    async with set_scene(model) as drill:
        drill.meta.serve(await drill.bot())
        messages = [written_by(sender) for sender in people(int(_RATE * _SECONDS))]
        started_at = time.monotonic()
        await drill.meta.deliver_at(messages, _RATE)
        delivered = time.monotonic() - started_at
        await drill.meta.all_answered(messages, _DRAIN_SECONDS)
        answered = time.monotonic() - started_at
        await drill.is_quiet(within=60)
        waits = sorted(message.milliseconds[-1] for message in messages)
        median, p99 = waits[len(waits) // 2], waits[int(len(waits) * 0.99)]
        sends = drill.meta.sends()
        once = sum(len(sends.get(message.word, ())) == 1 for message in messages)
        figures(
            f"WhatsApp, {mode}: {_RATE:.0f} deliveries a second for {_SECONDS:.0f} s, the model"
            f" takes {_MODEL_SECONDS:.0f} s",
            cases=len(messages),
            passed=once,
            figure=f"answer to Meta: median {median:.0f} ms, p99 {p99:.0f} ms, most"
            f" {waits[-1]:.0f} ms; acknowledged in {delivered:.0f} s, answered in {answered:.0f} s,"
            f" {len(messages) / answered:.1f} a second; refused: {dict(drill.meta.refused)}",
        )
        assert once == len(messages)
        assert median <= 250
        assert p99 < 1000


class DistantTable:
    """Passes bytes on between the bot and its table, each answer five milliseconds later.

    As a table over a network. It reads nothing of what it passes on: that would take longer than the
    bot's own work.
    """

    def __init__(self, endpoint: str) -> None:
        address = urlsplit(endpoint)
        self._address = address.hostname, address.port
        self.url = ""
        self.requests = 0

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        async with await asyncio.start_server(self._connected, "127.0.0.1", 0) as server:
            self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            yield

    async def _connected(
        self, bot_reader: asyncio.StreamReader, bot_writer: asyncio.StreamWriter
    ) -> None:
        table_reader, table_writer = await asyncio.open_connection(*self._address)
        is_answered = True

        async def ask() -> None:
            nonlocal is_answered
            while data := await bot_reader.read(_CHUNK):
                # The next request comes when the one before it is answered.
                self.requests += is_answered
                is_answered = False
                table_writer.write(data)
            table_writer.write_eof()

        async def answer() -> None:
            nonlocal is_answered
            while data := await table_reader.read(_CHUNK):
                await asyncio.sleep(_AWAY_SECONDS)
                is_answered = True
                bot_writer.write(data)

        try:
            # A bot that ends resets its connections.
            with suppress(ConnectionError):
                await asyncio.gather(ask(), answer())
        finally:
            table_writer.close()
            bot_writer.close()


@pytest.mark.parametrize(
    ("what", "writers", "characters"),
    [
        ("1,000 messages of one person", 1, 20),
        ("1,000 messages of 1,000 people", _MESSAGES, 20),
        ("1,000 messages of one person in 3 MB", 1, _MEGABYTES // _MESSAGES - 250),
    ],
)
async def test_the_largest_delivery_is_acknowledged_at_once(
    what: str,
    writers: int,
    characters: int,
    dynamodb_endpoint: str,
    tables: Tables,
    tmp_path: Path,
    figures: Figures,
) -> None:
    model = RepeatingModel(pause=0.0)
    senders = people(writers)
    texts = [f"{number:04d}".ljust(characters, ".") for number in range(_MESSAGES)]
    payload = delivery_of(
        [text_message(senders[n % writers], text) for n, text in enumerate(texts)], senders
    )
    written = Written(senders[0], "", payload)
    table = DistantTable(dynamodb_endpoint)
    async with (
        table.listening(),
        scene(dynamodb_endpoint, tables, tmp_path, model, table.url) as drill,
    ):
        # Nobody is answered without a token, so that all that is measured is the recording.
        drill.meta.serve(await drill.bot(WHATSAPP_ACCESS_TOKEN=""))
        before = table.requests
        await drill.meta.deliver(written)
        first, attempts = written.milliseconds[-1], len(written.milliseconds)
        requests = table.requests - before
        again = Written(senders[0], "", payload)
        await drill.meta.deliver(again)
        recorded = await drill.waiting()
    figures(
        f"WhatsApp, one delivery, a table 5 ms away: {what}",
        cases=_MESSAGES,
        passed=recorded,
        figure=f"{first / 1000:.1f} s and {requests} requests in {attempts} attempt(s);"
        f" delivered again {again.milliseconds[-1] / 1000:.1f} s",
    )
    assert recorded == _MESSAGES
    assert attempts == 1
    assert first < 10_000
