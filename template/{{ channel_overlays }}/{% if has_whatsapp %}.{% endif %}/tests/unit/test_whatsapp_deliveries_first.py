"""Who begins to be answered, and when, while Meta delivers."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import pytest

from app.core.service.whatsapp import deliveries_first
from app.core.service.whatsapp.deliveries_first import DeliveriesFirst
from tests.support.waiting import eventually


class Answers:
    """Remembers who began, and ends when the test says."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.end = asyncio.Event()

    async def answer(self, person: str, is_stopping: Callable[[], bool]) -> float | None:
        self.begun.append(person)
        await self.end.wait()
        return 7.0


@pytest.fixture
def pace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deliveries_first, "_PACE_SECONDS", 0.0)


def never() -> bool:
    return False


@contextmanager
def many_deliveries(first: DeliveriesFirst) -> Iterator[None]:
    with ExitStack() as deliveries:
        for _ in range(10):
            deliveries.enter_context(first.delivery(has_messages=True))
        yield


async def test_many_are_answered_at_once_and_told_what_the_answering_said(pace: None) -> None:
    answers = Answers()
    first = DeliveriesFirst(answers)
    people = [asyncio.create_task(first.answer(str(n), never)) for n in range(20)]
    await eventually(lambda: len(answers.begun) == 20)
    answers.end.set()
    assert await asyncio.gather(*people) == [7.0] * 20


async def test_nobody_begins_while_many_deliveries_are_taken_in(
    pace: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliveries_first, "_LONGEST_WAIT_SECONDS", 60.0)
    answers = Answers()
    answers.end.set()
    first = DeliveriesFirst(answers)
    with many_deliveries(first):
        waiting = asyncio.create_task(first.answer("ana", never))
        await asyncio.sleep(0.05)
        assert answers.begun == []
    assert await waiting == 7.0


async def test_under_deliveries_without_end_one_after_the_other_begins_all_the_same(
    pace: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliveries_first, "_LONGEST_WAIT_SECONDS", 0.01)
    answers = Answers()
    answers.end.set()
    first = DeliveriesFirst(answers)
    with many_deliveries(first):
        await asyncio.gather(*(first.answer(str(n), never) for n in range(5)))
    assert answers.begun == ["0", "1", "2", "3", "4"]


async def test_a_bot_that_stops_lets_nobody_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deliveries_first, "_PACE_SECONDS", 60.0)
    answers = Answers()
    answers.end.set()
    first = DeliveriesFirst(answers)
    async with asyncio.timeout(20):
        await first.answer("0", never)
        await asyncio.gather(*(first.answer(str(n), lambda: True) for n in range(1, 5)))
    assert len(answers.begun) == 5


async def test_a_delivery_that_fails_is_not_counted_any_more(pace: None) -> None:
    answers = Answers()
    answers.end.set()
    first = DeliveriesFirst(answers)
    for _ in range(10):
        with pytest.raises(OSError, match="away"), first.delivery(has_messages=True):
            raise OSError("away")
    assert await first.answer("ana", never) == 7.0


@pytest.mark.parametrize(
    ("deliveries", "has_messages", "begin"),
    [(40, True, 1), (39, True, 3), (40, False, 3)],
    ids=["many questions", "not so many", "many receipts"],
)
async def test_while_many_write_fewer_begin(
    pace: None, deliveries: int, has_messages: bool, begin: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliveries_first, "_PACE_BESIDE_MANY_SECONDS", 60.0)
    answers = Answers()
    first = DeliveriesFirst(answers)
    for _ in range(deliveries):
        with first.delivery(has_messages=has_messages):
            pass
    people = [asyncio.create_task(first.answer(str(n), never)) for n in range(3)]
    await eventually(lambda: len(answers.begun) == begin)
    await asyncio.sleep(0.05)
    assert len(answers.begun) == begin
    for person in people:
        person.cancel()


async def test_while_deliveries_take_long_fewer_still_begin(
    pace: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliveries_first, "_PACE_BESIDE_MANY_SECONDS", 0.0)
    monkeypatch.setattr(deliveries_first, "_PACE_BESIDE_SLOW_SECONDS", 60.0)
    monkeypatch.setattr(deliveries_first, "_SLOW_DELIVERY_SECONDS", 0.02)
    answers = Answers()
    first = DeliveriesFirst(answers)
    for _ in range(40):
        with first.delivery(has_messages=True):
            pass
    people = [asyncio.create_task(first.answer(str(n), never)) for n in range(2)]
    await eventually(lambda: len(answers.begun) == 2)
    with first.delivery(has_messages=True):
        await asyncio.sleep(0.05)
    # Receipts are quick to acknowledge whatever else is slow.
    with first.delivery(has_messages=False):
        pass
    people += [asyncio.create_task(first.answer(str(n), never)) for n in range(2, 5)]
    await eventually(lambda: len(answers.begun) == 3)
    await asyncio.sleep(0.05)
    assert len(answers.begun) == 3
    for person in people:
        person.cancel()
