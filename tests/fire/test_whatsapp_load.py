"""WhatsApp under load: Meta has its answer soon, and everybody has theirs once.

FIRE_WHATSAPP_LOAD_RATE (80 a second), FIRE_WHATSAPP_LOAD_SECONDS (60) and
FIRE_WHATSAPP_LOAD_MODEL_SECONDS (10).
"""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest
from infra.local_aws.local_aws import LocalAws
from scripts.whatsapp_stand_in import delivery_of, text_message
from tests.support.table_proxy import TableProxy
from tests.support.tables import Tables
from tests.support.wire_server import Exchange, WireRequest

from .conftest import Figures
from .whatsapp_drill import (
    MODES,
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


@pytest.fixture
async def dynamodb_endpoint(tmp_path: Path) -> AsyncIterator[str]:
    """TEST_DYNAMODB_ENDPOINT, or a local AWS without what other drills left in it.

    It is one Python process, which takes the longer for everything, the more it has.
    """
    given = os.environ.get("TEST_DYNAMODB_ENDPOINT")
    if given:
        yield given
        return
    async with _local_aws(tmp_path / "dynamodb") as endpoint:
        yield endpoint


@pytest.fixture
async def sqs_endpoint(tmp_path: Path) -> AsyncIterator[str]:
    """Another local AWS: at AWS, too, the queue does not keep the table from answering."""
    async with _local_aws(tmp_path / "sqs") as endpoint:
        yield endpoint


@asynccontextmanager
async def _local_aws(folder: Path) -> AsyncIterator[str]:
    local_aws = LocalAws(folder, linger_seconds=20)
    yield await local_aws.start()
    await local_aws.stop()


@pytest.fixture
def tables(dynamodb_endpoint: str) -> Iterator[Tables]:
    tables = Tables(dynamodb_endpoint)
    yield tables
    tables.close()


@pytest.mark.parametrize("mode", MODES)
async def test_meta_has_its_answer_soon_while_the_model_takes_long(
    mode: str,
    dynamodb_endpoint: str,
    sqs_endpoint: str,
    tables: Tables,
    tmp_path: Path,
    figures: Figures,
) -> None:
    model = RepeatingModel(pause=_MODEL_SECONDS)
    async with scene(
        mode, dynamodb_endpoint, tables, tmp_path, model, sqs_endpoint=sqs_endpoint
    ) as drill:
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


class DistantTable(TableProxy):
    """A table that takes five milliseconds more, as one over a network does."""

    async def answer(self, request: WireRequest, exchange: Exchange) -> None:
        await asyncio.sleep(0.005)
        await super().answer(request, exchange)


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
    with closing(DistantTable(dynamodb_endpoint)) as table:
        async with scene(
            "in_process", dynamodb_endpoint, tables, tmp_path, model, table.url
        ) as drill:
            # Nobody is answered without a token, so that all that is measured is the recording.
            drill.meta.serve(await drill.bot(WHATSAPP_ACCESS_TOKEN=""))
            await drill.meta.deliver(written)
            first, attempts = written.milliseconds[-1], len(written.milliseconds)
            requests = len(table.requests)
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
