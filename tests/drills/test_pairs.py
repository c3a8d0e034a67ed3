"""Each edit of an owner meets each change of the template, one pair at a time.

Where both change the same file, they meet in both ways to update; else in one of them, by turns.
"""

import os
import subprocess

import pytest

from bot_environment import PYTHON
from drills.changes import CHANGES, Change
from drills.drill import CONFLICT, COPIER, WAYS, Updated, changed_lines, nearest, texts_of_made
from drills.edits import EDITS, VARIANT, Edit
from drills.ground import Ground, with_change
from drills.parts import Move
from drills.report import NEAR_LINES, PAIRS, Record, record
from releases import NEXT

# A name that goes is broken without a conflict: lint finds it in one file, the type check in all.
BROKEN_IN_MEANING = [
    (each, change) for change in CHANGES for each in EDITS if change.removes in each.uses
]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.name)
def test_an_edit_survives_a_release_or_stands_in_a_conflict(
    ground: Ground, change: Change, way: str
) -> None:
    problems: list[str] = []
    records = []
    for each in EDITS:
        if not _meet(ground, each, change, way):
            continue
        bot = ground.edited(NEXT, VARIANT, (each,))
        with ground.updated(bot, with_change(change), way, VARIANT) as updated:
            (fate,) = updated.fates()
            found = [*updated.problems(way), *updated.broken()]
            if (each, change) in BROKEN_IN_MEANING:
                found = [problem for problem in found if change.removes not in problem]
            problems += [f"{each.name}: {problem}" for problem in found]
            is_near = _is_near(updated, each)
        records.append(
            Record(
                PAIRS,
                NEXT,
                way,
                VARIANT.id,
                each.name,
                change.name,
                fate.result,
                fate.why,
                is_near,
            )
        )
    record(records)

    assert problems == []


def _meet(ground: Ground, each: Edit, change: Change, way: str) -> bool:
    turn = (EDITS.index(each) + CHANGES.index(change)) % len(WAYS)
    return way == list(WAYS)[turn] or bool(each.files & _changed(ground, change))


def _changed(ground: Ground, change: Change) -> set[str]:
    before, after = (
        texts_of_made(ground.made(version, VARIANT).path) for version in (NEXT, with_change(change))
    )
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


def _is_near(updated: Updated, each: Edit) -> bool:
    """Tell whether both sides change the same file within a few lines; a moved file has none."""
    for part in each.parts:
        paths = [
            folder / part.file
            for folder in (updated.bot.made.path, updated.bot.edited.path, updated.fresh)
        ]
        if isinstance(part, Move) or not all(path.is_file() for path in paths):
            continue
        before, owners, new = (path.read_text("utf-8") for path in paths)
        gap = nearest(changed_lines(before, owners), changed_lines(before, new))
        if gap is not None and gap <= NEAR_LINES:
            return True
    return False


@pytest.mark.parametrize(
    ("each", "change"), BROKEN_IN_MEANING, ids=lambda value: getattr(value, "name", None)
)
def test_a_name_that_goes_is_found_by_the_bots_type_check(
    ground: Ground, each: Edit, change: Change
) -> None:
    bot = ground.edited(NEXT, VARIANT, (each,))
    with ground.updated(bot, with_change(change), COPIER, VARIANT) as updated:
        if updated.conflicts():
            assert updated.fates()[0].result == CONFLICT
            return
        command = [str(PYTHON), "-m", "mypy", "--no-incremental", "app", "interface"]
        checked = subprocess.run(command, cwd=updated.path, capture_output=True, text=True)

    found = [line for line in checked.stdout.splitlines() if change.removes in line]
    owners = tuple(part.file for part in each.parts)
    assert checked.returncode == 1
    assert any(line.replace(os.sep, "/").startswith(owners) for line in found), checked.stdout
