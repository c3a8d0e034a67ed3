"""Few combinations of many answers in which every pair of two answers occurs together."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from itertools import combinations, product

Setting = tuple[str, Hashable]
Pair = frozenset[Setting]
Row = dict[str, Hashable]


def covering_rows(
    factors: Mapping[str, Sequence[Hashable]],
    may_meet: Callable[[Setting, Setting], bool] = lambda one, other: True,
) -> list[Row]:
    """Return rows with one value of each factor, in which every possible pair occurs.

    `may_meet` says of two values, each with its factor's name and in the order of the factors,
    whether one row may have both. The same factors always give the same rows. A ValueError names a pair
    that fits in no row.
    """
    wanted = possible_pairs(factors, may_meet)
    missing = dict.fromkeys(wanted)
    rows: list[Row] = []
    while missing:
        first = next(iter(missing))
        row = _completed(dict(first), factors, missing, may_meet)
        if row is None:
            raise ValueError(f"no row can have {' and '.join(sorted(map(str, first)))}")
        rows.append({name: row[name] for name in factors})
        for pair in pairs_in(row):
            missing.pop(pair, None)
    return rows


def possible_pairs(
    factors: Mapping[str, Sequence[Hashable]],
    may_meet: Callable[[Setting, Setting], bool] = lambda one, other: True,
) -> list[Pair]:
    """Return every pair of two factors' values that may meet, in the order of the factors."""
    return [
        frozenset(((one, value), (other, other_value)))
        for one, other in combinations(factors, 2)
        for value, other_value in product(factors[one], factors[other])
        if may_meet((one, value), (other, other_value))
    ]


def pairs_in(row: Mapping[str, Hashable]) -> list[Pair]:
    """Return the pairs of values of a row."""
    return [frozenset(pair) for pair in combinations(row.items(), 2)]


def _completed(
    row: Row,
    factors: Mapping[str, Sequence[Hashable]],
    missing: Mapping[Pair, None],
    may_meet: Callable[[Setting, Setting], bool],
) -> Row | None:
    """Return the row with the other factors, each with the value that brings most missing pairs."""
    name = next((name for name in factors if name not in row), None)
    if name is None:
        return row
    order = list(factors)

    def fits(value: Hashable) -> bool:
        met = [sorted((s, (name, value)), key=lambda s: order.index(s[0])) for s in row.items()]
        return all(may_meet(one, other) for one, other in met)

    def brought(value: Hashable) -> int:
        return sum(frozenset((setting, (name, value))) in missing for setting in row.items())

    for value in sorted(filter(fits, factors[name]), key=brought, reverse=True):
        if completed := _completed(row | {name: value}, factors, missing, may_meet):
            return completed
    return None
