"""What the function behind the queue reports of each message."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from app.core.service.whatsapp.wake_handler import WakeHandler
from domain.dto.whatsapp_wake import Wake
from domain.exceptions.whatsapp import QueueUnavailable
from interface.aws_lambda.inbox import Inbox

PLENTY = 300_000


class Answers:
    """Answers people as the test says, and keeps whether there was time for more."""

    def __init__(self, wait: float | None) -> None:
        self._wait = wait
        self.people: list[str] = []
        self.was_stopping: list[bool] = []

    async def answer(self, person: str, is_stopping: Callable[[], bool]) -> float | None:
        self.people.append(person)
        self.was_stopping.append(is_stopping())
        return self._wait


class Queue:
    """Keeps what is postponed."""

    def __init__(self, *, is_away: bool = False) -> None:
        self._is_away = is_away
        self.postponed: list[tuple[str, float]] = []

    async def postpone(self, receipt: str, seconds: float) -> None:
        if self._is_away:
            raise QueueUnavailable("away")
        self.postponed.append((receipt, seconds))


def record(number: int, person: str = "person") -> dict[str, Any]:
    return {
        "messageId": f"message-{number}",
        "receiptHandle": f"receipt-{number}",
        "body": Wake(person).to_json(),
        "attributes": {"ApproximateReceiveCount": "1"},
    }


def context(milliseconds: int = PLENTY) -> SimpleNamespace:
    return SimpleNamespace(get_remaining_time_in_millis=lambda: milliseconds)


async def test_whom_was_answered_does_not_come_again() -> None:
    answers, queue = Answers(None), Queue()
    inbox = Inbox(WakeHandler(answers), queue)

    told = await inbox.handle({"Records": [record(1, "ana"), record(2, "eva")]}, context())

    assert told == {"batchItemFailures": []}
    assert (answers.people, queue.postponed) == (["ana", "eva"], [])


async def test_who_has_to_wait_comes_again_after_that_time() -> None:
    queue = Queue()
    inbox = Inbox(WakeHandler(Answers(7.0)), queue)

    told = await inbox.handle({"Records": [record(1)]}, context())

    assert told == {"batchItemFailures": [{"itemIdentifier": "message-1"}]}
    assert queue.postponed == [("receipt-1", 7.0)]


async def test_a_queue_that_is_away_keeps_the_message_all_the_same() -> None:
    inbox = Inbox(WakeHandler(Answers(7.0)), Queue(is_away=True))

    told = await inbox.handle({"Records": [record(1)]}, context())

    assert told == {"batchItemFailures": [{"itemIdentifier": "message-1"}]}


@pytest.mark.parametrize(("milliseconds", "is_stopping"), [(PLENTY, False), (60_000, True)])
async def test_no_turn_begins_that_could_not_end(milliseconds: int, is_stopping: bool) -> None:
    answers = Answers(None)

    await Inbox(WakeHandler(answers), Queue()).handle(
        {"Records": [record(1)]}, context(milliseconds)
    )

    assert answers.was_stopping == [is_stopping]
