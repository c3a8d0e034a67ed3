"""Versions of the Graph API near their end."""

from datetime import date

import pytest

from domain.graph_versions import (
    DEFAULT_GRAPH_VERSION,
    end_to_warn_of,
    is_graph_version,
)


@pytest.mark.parametrize(
    ("version", "today", "end"),
    [
        (DEFAULT_GRAPH_VERSION, date(2026, 11, 25), None),
        (DEFAULT_GRAPH_VERSION, date(2028, 7, 1), date(2028, 7, 29)),
        ("v21.0", date(2026, 10, 22), None),
        ("v21.0", date(2026, 10, 23), date(2027, 1, 21)),
        ("v21.0", date(2027, 6, 1), date(2027, 1, 21)),
        ("v13.0", date(2026, 11, 25), date(2026, 9, 24)),
        ("v99.0", date(2029, 1, 1), None),
    ],
)
def test_an_end_is_told_ninety_days_before(version: str, today: date, end: date | None) -> None:
    assert end_to_warn_of(version, today) == end


@pytest.mark.parametrize("version", ["26.0", "v26", "v26.0/", "v1.0", "V26.0", "", "v²6.0"])
def test_what_is_no_version_is_told_apart(version: str) -> None:
    assert is_graph_version(DEFAULT_GRAPH_VERSION)
    assert not is_graph_version(version)
