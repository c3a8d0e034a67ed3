"""The drills' report: what each test records, and the tables made of it all."""

import json
import os
import uuid
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from drills.drill import CONFLICT, LOST, NAMED, SURVIVED, Fate, Updated
from releases import NEXT

LEFT_OUT = "left out"
RESULTS = (SURVIVED, CONFLICT, NAMED, LOST, LEFT_OUT)
# At most this share of the pairs of an edit and a change may be conflicts.
CONFLICTS_AT_MOST = 0.05
# Pairs that touch the same file within so many lines, and how many of them there must be.
NEAR_LINES = 10
NEAR_AT_LEAST = 100


@dataclass(frozen=True, slots=True)
class Record:
    """What became of one edit in one update, from a release to the next one."""

    drill: str
    release: str
    way: str
    variant: str
    edit: str
    change: str
    result: str
    why: str = ""
    is_near: bool = False


def record_fates(
    drill: str, release: str, way: str, variant: str, updated: Updated, change: str = ""
) -> None:
    """Keep what became of every edit of a bot, and which edits do not apply to it."""
    fates = [*updated.fates(), *(Fate(each.name, LEFT_OUT) for each in updated.bot.left_out)]
    record(
        Record(drill, release, way, variant, fate.edit, change, fate.result, fate.why)
        for fate in fates
    )


def record(records: Iterable[Record]) -> None:
    """Keep what a test has found for the report of the whole run."""
    path = Path(os.environ["UPDATE_DRILLS"], f"{uuid.uuid4().hex}.record")
    path.write_text(json.dumps([asdict(each) for each in records]), "utf-8")


def recorded(folder: Path) -> list[Record]:
    """Return what all tests of the run have found."""
    found = [each for path in folder.glob("*.record") for each in json.loads(path.read_text())]
    return [Record(**each) for each in found]


def tables(records: list[Record]) -> str:
    """Return the report in Markdown."""
    pairs = [each for each in records if each.drill == PAIRS]
    parts = [
        "# Update drills\n",
        "An edit **survived** if the file is byte for byte what git's three-way merge makes of it, is in a visible **conflict**,"
        " or the release deletes its file: then template_update has **named** it, and plain Copier has **lost** it.\n",
        _table(
            ("release", "drill", "way", "variants", "edits", *RESULTS),
            (
                (
                    *group,
                    len({each.variant for each in of_group}),
                    len(of_group),
                    *_counts(of_group),
                )
                for group, of_group in _groups(records).items()
            ),
        ),
    ]
    if pairs:
        near = [each for each in pairs if each.is_near]
        parts += [
            f"\n## Pairs of an edit and a change that touch the same file within {NEAR_LINES} lines\n",
            _table(
                ("way", "pairs", *RESULTS, "conflicts"),
                (
                    (way, len(of_way), *_counts(of_way), _share_of_conflicts(of_way))
                    for way in sorted({each.way for each in near})
                    if (of_way := [each for each in near if each.way == way])
                ),
            ),
            f"\nConflicts among all pairs: {_share_of_conflicts(pairs)}.\n",
            "\n## Every pair that did not merge\n",
            _table(
                ("edit", "change", "way", "result", "why"),
                sorted(
                    (each.edit, each.change, each.way, each.result, each.why)
                    for each in pairs
                    if each.result != SURVIVED
                ),
            ),
        ]
    others = Counter(
        (each.drill, each.way, each.edit, each.result, each.why)
        for each in records
        if each.drill != PAIRS and each.result not in (SURVIVED, LEFT_OUT)
    )
    parts += [
        "\n## Every edit that did not merge in the other drills\n",
        _table(
            ("drill", "way", "edit", "result", "why", "times"),
            sorted((*what, times) for what, times in others.items()),
        ),
    ]
    return "\n".join(parts) + "\n"


def shortcomings(records: list[Record], pairs_expected: int) -> list[str]:
    """Return what the whole run falls short of; nothing while only some of the pairs were run."""
    pairs = [each for each in records if each.drill == PAIRS]
    if len({(each.edit, each.change) for each in pairs}) < pairs_expected:
        return []
    found = []
    conflicts = sum(each.result == CONFLICT for each in pairs)
    if conflicts > CONFLICTS_AT_MOST * len(pairs):
        found.append(
            f"{conflicts} of {len(pairs)} pairs are conflicts: {_share_of_conflicts(pairs)}."
        )
    for way in sorted({each.way for each in pairs}):
        near = sum(each.is_near for each in pairs if each.way == way)
        if near < NEAR_AT_LEAST:
            found.append(f"Only {near} pairs touch the same file within {NEAR_LINES} lines.")
    return found


PAIRS = "one edit, one change"


def _groups(records: Iterable[Record]) -> dict[tuple[str, str, str], list[Record]]:
    groups: dict[tuple[str, str, str], list[Record]] = {}
    for each in sorted(records, key=lambda each: (each.release, each.drill, each.way)):
        release = "working copy" if each.release == NEXT else each.release
        groups.setdefault((release, each.drill, each.way), []).append(each)
    return groups


def _counts(records: Iterable[Record]) -> list[int]:
    counted = Counter(each.result for each in records)
    return [counted[result] for result in RESULTS]


def _share_of_conflicts(records: list[Record]) -> str:
    return f"{sum(each.result == CONFLICT for each in records) / len(records):.1%}"


def _table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    lines = [list(head), *(list(map(str, row)) for row in rows)]
    lines.insert(1, ["---"] * len(lines[0]))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
