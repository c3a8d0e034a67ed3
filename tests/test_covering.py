"""Rows that cover every pair of answers."""

from collections.abc import Hashable, Mapping, Sequence
from math import prod

import pytest

from covering import Setting, covering_rows, pairs_in, possible_pairs

FACTORS: list[Mapping[str, Sequence[Hashable]]] = [
    {"ci": ("github", "gitlab"), "language": ("en", "pt-BR"), "tracing": (True, False)},
    {"a": range(7), "b": range(5), "c": range(5), "d": range(4), "e": range(3), "f": range(2)},
    {"one": ("only",), "another": ("too", "two")},
]


def not_both_odd(one: Setting, other: Setting) -> bool:
    return not (one[0] == "a" and other[0] == "b" and one[1] in (1, 3) and other[1] in (1, 3))


@pytest.mark.parametrize("factors", FACTORS)
def test_every_pair_occurs_in_few_rows(factors: Mapping[str, Sequence[Hashable]]) -> None:
    rows = covering_rows(factors)

    occurring = {pair for row in rows for pair in pairs_in(row)}
    largest, second, *_ = sorted(map(len, factors.values()), reverse=True)
    assert occurring == set(possible_pairs(factors))
    assert largest * second <= len(rows) <= 1.5 * largest * second
    assert len(rows) <= prod(map(len, factors.values()))


def test_what_may_not_meet_does_not_and_all_else_does() -> None:
    rows = covering_rows(FACTORS[1], not_both_odd)

    occurring = {pair for row in rows for pair in pairs_in(row)}
    assert occurring == set(possible_pairs(FACTORS[1], not_both_odd))
    assert not any(row["a"] in (1, 3) and row["b"] in (1, 3) for row in rows)


def test_the_same_factors_give_the_same_rows() -> None:
    assert covering_rows(FACTORS[1]) == covering_rows(FACTORS[1])


def test_a_pair_that_fits_in_no_row_is_named() -> None:
    def apart(one: Setting, other: Setting) -> bool:
        return {one[0], other[0]} == {"a", "b"}

    with pytest.raises(ValueError, match="'a', 0"):
        covering_rows(FACTORS[1], apart)
