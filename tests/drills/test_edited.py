"""Bots with edits of their owners go from each past release to the working copy, and beyond."""

import pytest

from drills.drill import WAYS
from drills.edits import EDITS
from drills.ground import EVERY_CHANGE, Ground, main_variant, variants_of
from drills.report import LEFT_OUT, Record, record, record_fates
from releases import NEXT
from tools.release import past_versions
from variants import Variant, pairwise

FROM_PAST_RELEASES = [(version, NEXT) for version in past_versions()]
BOTS = [
    pytest.param(old, new, variant, id=f"{old}-{variant.id}")
    for old, new in [*FROM_PAST_RELEASES, (NEXT, EVERY_CHANGE)]
    for variant in pairwise(variants_of(old))
]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("old", "new", "variant"), BOTS)
def test_all_edits_at_once_survive_or_stand_in_a_conflict(
    ground: Ground, old: str, new: str, variant: Variant, way: str
) -> None:
    bot = ground.edited(old, variant, EDITS)

    with ground.updated(bot, new, way, variant) as updated:
        record_fates("all edits at once", old, way, variant.id, updated)
        assert updated.problems(way) == []


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("old", past_versions())
def test_a_single_edit_of_a_bot_of_a_past_release_survives_or_stands_in_a_conflict(
    ground: Ground, old: str, way: str
) -> None:
    variant = main_variant(old)
    problems: list[str] = []
    for each in EDITS:
        bot = ground.edited(old, variant, (each,))
        if bot.left_out:
            record([Record("one edit", old, way, variant.id, each.name, "", LEFT_OUT)])
            continue
        with ground.updated(bot, NEXT, way, variant) as updated:
            record_fates("one edit", old, way, variant.id, updated)
            problems += [f"{each.name}: {problem}" for problem in updated.problems(way)]

    assert problems == []
