"""Identifiers and timestamps: made by the server, ordered by time."""

import hashlib
import re
import secrets
import time
from datetime import UTC, datetime, timedelta

_ID = re.compile("[a-z]+_[0-9a-f]{32}")
TIMESTAMP_FORMAT = "%Y-%m-%dT%H:%M:%S.%fZ"
# Of the year 9998: a day or two can be added to it.
_LAST_SECOND = 253_370_764_799


def new_id(prefix: str) -> str:
    """Return `<prefix>_<32 hex digits>`; an id of a later millisecond sorts after an earlier one.

    The digits are a UUID version 7 (RFC 9562): 48 bits of milliseconds, then randomness.
    """
    milliseconds = time.time_ns() // 1_000_000
    version_and_random = 0x7000 | secrets.randbits(12)
    variant_and_random = (0b10 << 62) | secrets.randbits(62)
    return f"{prefix}_{milliseconds:012x}{version_and_random:04x}{variant_and_random:016x}"


def trace_id_of(own_id: str) -> str:
    """Return the trace id of the turn, or the request, with this id: 32 hex digits.

    It has the form of W3C Trace Context, "trace-id".
    """
    return hashlib.sha256(own_id.encode()).hexdigest()[:32]


def is_own_id(value: object) -> bool:
    """Tell whether the value has the form of what `new_id` returns."""
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def time_of_id(own_id: str) -> str:
    """Return when an id of `new_id` was made, as a timestamp with milliseconds."""
    milliseconds = int(own_id.rpartition("_")[2][:12], 16)
    # Years beyond 9999 are nobody's ids, though they have the form.
    seconds = min(milliseconds / 1000, _LAST_SECOND)
    return datetime.fromtimestamp(seconds, UTC).strftime(TIMESTAMP_FORMAT)


def now_timestamp() -> str:
    """Return the current UTC time with microseconds, always 27 characters wide."""
    return datetime.now(UTC).strftime(TIMESTAMP_FORMAT)


def parse_timestamp(timestamp: str) -> datetime:
    """Return the aware UTC time of a `now_timestamp()` value."""
    return datetime.fromisoformat(timestamp)


def shift_timestamp(timestamp: str, by: timedelta) -> str:
    """Return the timestamp moved by the given time."""
    return (parse_timestamp(timestamp) + by).strftime(TIMESTAMP_FORMAT)


def timestamp_after(previous: str | None) -> str:
    """Return now, or the instant after `previous` where a clock that went back would be earlier."""
    now = now_timestamp()
    if previous is None or now > previous:
        return now
    return shift_timestamp(previous, timedelta(microseconds=1))
