import re
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.ids import new_id, now_timestamp, parse_timestamp, shift_timestamp, timestamp_after

MOMENTS = st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1)).map(
    lambda moment: moment.replace(tzinfo=UTC)
)
MILLISECONDS = st.integers(0, 2**48 - 1)


def timestamp_of(moment: datetime) -> str:
    return shift_timestamp("1970-01-01T00:00:00.000000Z", moment - datetime(1970, 1, 1, tzinfo=UTC))


def id_at(milliseconds: int) -> str:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("time.time_ns", lambda: milliseconds * 1_000_000)
        return new_id("msg")


def test_an_id_is_its_prefix_and_a_version_7_uuid() -> None:
    prefix, _, digits = new_id("chat").partition("_")
    assert prefix == "chat"
    assert re.fullmatch("[0-9a-f]{32}", digits)
    made = uuid.UUID(digits)
    assert (made.version, made.variant) == (7, uuid.RFC_4122)


def test_ids_made_at_once_are_all_different() -> None:
    assert len({new_id("msg") for _ in range(10_000)}) == 10_000


@given(MILLISECONDS, MILLISECONDS)
def test_ids_sort_by_the_millisecond_they_were_made_in(one: int, other: int) -> None:
    if one != other:
        assert (id_at(one) < id_at(other)) == (one < other)


@given(MOMENTS, MOMENTS)
def test_timestamps_sort_as_the_moments_they_tell(one: datetime, other: datetime) -> None:
    assert (timestamp_of(one) < timestamp_of(other)) == (one < other)


@given(MOMENTS)
def test_a_timestamp_is_27_characters_wide_and_tells_its_moment(moment: datetime) -> None:
    assert len(timestamp_of(moment)) == 27
    assert parse_timestamp(timestamp_of(moment)) == moment


def test_now_is_the_current_time_in_utc() -> None:
    before = datetime.now(UTC)
    assert before <= parse_timestamp(now_timestamp()) <= datetime.now(UTC)


@given(st.timedeltas(timedelta(days=-1), timedelta(days=1)))
def test_the_next_timestamp_is_later_even_if_the_clock_went_back(ahead: timedelta) -> None:
    previous = timestamp_of(datetime.now(UTC) + ahead)
    following = timestamp_after(previous)
    assert following > previous
    assert parse_timestamp(following) - parse_timestamp(previous) <= max(
        timedelta(microseconds=1), timedelta(seconds=10) - ahead
    )


def test_without_a_previous_timestamp_the_next_one_is_now() -> None:
    assert timestamp_after(None) >= now_timestamp()[:19]
