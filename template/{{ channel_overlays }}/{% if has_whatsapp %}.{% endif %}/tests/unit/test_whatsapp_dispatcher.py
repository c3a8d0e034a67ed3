"""Who is answered next, when more people write than have places."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from app.core.service.whatsapp import dispatcher
from app.core.service.whatsapp.dispatcher import Dispatcher
from tests.support.waiting import eventually


class Store:
    """Who waits, whoever wrote first in front; counts how often it was read."""

    def __init__(self) -> None:
        self.people: list[str] = []
        self.reads = 0

    async def people_waiting(self, received_before: int) -> AsyncIterator[str]:
        self.reads += 1
        for person in list(self.people):
            yield person


class Answers:
    """Answers one after the other, when the test says."""

    def __init__(self, store: Store) -> None:
        self.begun: list[str] = []
        self._store = store
        self._may_end = asyncio.Semaphore(0)

    async def answer(self, person: str, is_stopping: Callable[[], bool]) -> float | None:
        self.begun.append(person)
        await self._may_end.acquire()
        self._store.people.remove(person)
        return None

    def end(self, count: int) -> None:
        for _ in range(count):
            self._may_end.release()


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def answers(store: Store) -> Answers:
    return Answers(store)


@pytest.fixture
async def busy(
    store: Store, answers: Answers, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Dispatcher]:
    """A dispatcher with one place, to which five people have just written."""
    monkeypatch.setattr(dispatcher, "MAX_PEOPLE", 1)
    monkeypatch.setattr(dispatcher, "_MAX_WOKEN", 2)
    monkeypatch.setattr(dispatcher, "_MAX_QUEUED", 4)
    monkeypatch.setattr(dispatcher, "_SWEEP_SECONDS", 0.02)
    busy = Dispatcher(answers, store)
    await busy.start()
    for person in ("1", "2", "3", "4", "5"):
        store.people.append(person)
        await busy.wake(person)
    yield busy
    answers.end(100)
    await busy.stop(5)


async def test_whoever_has_waited_longest_goes_before_those_who_write_now(
    busy: Dispatcher, store: Store, answers: Answers
) -> None:
    await eventually(lambda: store.reads == 1)
    store.people.append("6")
    await busy.wake("6")
    answers.end(100)
    await eventually(lambda: len(answers.begun) == 6)
    assert answers.begun == ["1", "2", "3", "4", "5", "6"]


async def test_nobody_is_looked_for_while_whoever_is_found_would_find_no_place(
    busy: Dispatcher, store: Store, answers: Answers
) -> None:
    await eventually(lambda: store.reads == 1)
    await asyncio.sleep(0.2)
    assert store.reads == 1
    answers.end(2)
    await eventually(lambda: store.reads > 1)


async def test_whoever_is_found_while_being_answered_is_not_answered_once_more(
    busy: Dispatcher, store: Store, answers: Answers
) -> None:
    answers.end(3)
    await eventually(lambda: store.reads > 1)
    answers.end(100)
    await eventually(lambda: not store.people)
    assert sorted(answers.begun) == ["1", "2", "3", "4", "5"]
