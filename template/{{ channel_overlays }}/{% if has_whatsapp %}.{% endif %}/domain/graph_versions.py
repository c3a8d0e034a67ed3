"""Versions of the Graph API, and until when Meta serves them.

https://developers.facebook.com/docs/graph-api/changelog/versions/
"""

import re
from datetime import date, timedelta

DEFAULT_GRAPH_VERSION = "v26.0"

# Meta names the end of a version when it releases the next one. That of v26.0 is the earliest possible:
# two years after its release on 2026-07-29.
_ENDS = {
    20: date(2026, 9, 24),
    21: date(2027, 1, 21),
    22: date(2027, 5, 20),
    23: date(2027, 10, 8),
    25: date(2028, 7, 29),
    26: date(2028, 7, 29),
}
_VERSION = re.compile(r"v([0-9]{2})\.[0-9]", re.ASCII)
# Time to update the bot before.
_NOTICE = timedelta(days=90)


def is_graph_version(version: str) -> bool:
    """Tell whether it has the form of a version, such as v26.0."""
    return _VERSION.fullmatch(version) is not None


def end_to_warn_of(version: str, today: date) -> date | None:
    """Return the day on which the version ends, if that is near or past; None for unknown ones.

    What is older than all that are known ended with the oldest of them at the latest.
    """
    match = _VERSION.fullmatch(version)
    if match is None:
        return None
    end = _ENDS.get(max(int(match[1]), min(_ENDS)))
    return end if end is not None and today >= end - _NOTICE else None
