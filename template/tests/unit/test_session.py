from datetime import UTC, datetime, timedelta

import pytest

from domain.dto.chat import SESSION_IDLE_TIMEOUT, Session, TokenUsage

NOON = datetime(2030, 6, 1, 12, tzinfo=UTC)
AT_NOON = "2030-06-01T12:00:00.000000Z"
INSTANT = timedelta(microseconds=1)


def session(ended_at: str | None = None) -> Session:
    return Session("sess_1", "chat_1", "ana", AT_NOON, AT_NOON, ended_at)


@pytest.mark.parametrize(
    ("moment", "ended_at"),
    [
        (NOON, None),
        (NOON + SESSION_IDLE_TIMEOUT - INSTANT, None),
        (NOON + SESSION_IDLE_TIMEOUT, "2030-06-02T12:00:00.000000Z"),
        (NOON + timedelta(days=30), "2030-06-02T12:00:00.000000Z"),
    ],
)
def test_a_session_reads_as_ended_24_hours_after_its_last_message(
    moment: datetime, ended_at: str | None
) -> None:
    assert session().ended_by(moment) == ended_at


def test_a_recorded_end_stands_whatever_the_time() -> None:
    assert session(ended_at=AT_NOON).ended_by(NOON - timedelta(days=1)) == AT_NOON


def test_is_active_tells_about_now() -> None:
    old = "2020-01-01T00:00:00.000000Z"
    assert session().is_active
    assert not session(ended_at=AT_NOON).is_active
    assert not Session("sess_1", "chat_1", "ana", old, old).is_active


def test_token_usage_adds_up() -> None:
    assert TokenUsage(1, 2) + TokenUsage(10, 20) == TokenUsage(11, 22)
