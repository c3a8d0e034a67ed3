"""What becomes of one message of the queue, and what such a message holds."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.service.whatsapp.wake_handler import WakeHandler
from domain.dto.whatsapp_wake import Wake
from domain.exceptions.storage import StorageUnavailable
from domain.exceptions.whatsapp import InvalidWake


class Correspondence:
    """Answers as the test says, and remembers whom."""

    def __init__(self, outcome: float | Exception | None = None) -> None:
        self.outcome = outcome
        self.people: list[str] = []

    async def answer(self, person: str, is_stopping: Callable[[], bool]) -> float | None:
        self.people.append(person)
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


@given(st.text(min_size=1))
def test_whoever_is_put_in_comes_out_and_the_body_is_plain_ascii(person: str) -> None:
    body = Wake(person).to_json()
    assert Wake.from_json(body).person == person
    assert all(" " <= character <= "~" for character in body)


@pytest.mark.parametrize(
    "body",
    ["", "{", "[]", "5511", '"5511"', "{}", '{"person": ""}', '{"person": 5511}', "[" * 9999],
)
def test_other_bodies_name_nobody(body: str) -> None:
    with pytest.raises(InvalidWake):
        Wake.from_json(body)


@pytest.mark.parametrize("seconds", [None, 0.0, 7.5])
async def test_the_correspondence_decides_whether_the_message_comes_again(
    seconds: float | None,
) -> None:
    correspondence = Correspondence(seconds)
    assert await WakeHandler(correspondence).handle(Wake("5511").to_json()) == seconds
    assert correspondence.people == ["5511"]


async def test_done_is_not_believed_of_a_bot_that_stops() -> None:
    handler = WakeHandler(Correspondence(None))
    assert await handler.handle(Wake("5511").to_json(), is_stopping=lambda: True) == 0.0


@pytest.mark.parametrize(
    ("attempt", "shortest", "longest"), [(1, 1, 2), (2, 2, 4), (6, 30, 60), (5_000, 30, 60)]
)
@pytest.mark.parametrize("error", [StorageUnavailable("away"), KeyError("a bug")])
async def test_what_fails_comes_again_ever_later(
    error: Exception, attempt: int, shortest: float, longest: float
) -> None:
    seconds = await WakeHandler(Correspondence(error)).handle(Wake("5511").to_json(), attempt)
    assert seconds is not None
    assert shortest <= seconds <= longest


async def test_what_cannot_be_read_comes_again_until_the_queue_sets_it_aside() -> None:
    correspondence = Correspondence()
    seconds = await WakeHandler(correspondence).handle("not ours", attempt=1)
    assert seconds is not None
    assert seconds > 0
    assert correspondence.people == []
