"""Release by release, or from the first to the last at once: the bot is the same."""

import pytest

from drills.drill import SURVIVED, WAYS, EditedBot, run_template_update, text_of_files
from drills.edits import EDITS
from drills.ground import STEPS, Ground, main_variant
from releases import NEXT, Repository
from tools.release import past_versions
from variants import Variant

# Also where there is but one past release: the working copy and three releases after it.
RELEASES = [*past_versions(), NEXT, *STEPS]
FROM = [*past_versions(), NEXT]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("first", FROM)
def test_hops_and_one_jump_lead_to_the_same(ground: Ground, first: str, way: str) -> None:
    hops = RELEASES[RELEASES.index(first) + 1 :]
    bot = without_conflicts(ground, first, hops)

    assert len(bot.edits) >= 15
    with ground.updated(bot, hops[-1], way, main_variant(first)) as jumped:
        assert jumped.problems(way) == []
        at_once = text_of_files(jumped.path)
    assert hop(ground, bot, hops, way, main_variant(first)) == at_once


def without_conflicts(ground: Ground, first: str, hops: list[str]) -> EditedBot:
    """Return a bot with the edits that no hop and no jump makes a conflict of: those end a hop."""
    variant = main_variant(first)
    edits = list(EDITS)
    for version in [*hops[:-1], *STEPS]:
        bot = ground.edited(first, variant, edits)
        with ground.updated(bot, version, "copier update", variant) as updated:
            survived = {fate.edit for fate in updated.fates() if fate.result == SURVIVED}
        edits = [each for each in edits if each.name in survived]
    return ground.edited(first, variant, edits)


def hop(
    ground: Ground, bot: EditedBot, hops: list[str], way: str, variant: Variant
) -> dict[str, str]:
    """Update from release to release, with a commit after each; return the files at the end."""
    for version in hops:
        with ground.updated(bot, version, way, variant) as updated:
            conflicts = updated.conflicts()
            assert conflicts == set(), f"{version}: {conflicts}"
            if way == "template_update":
                finished = run_template_update(updated.path, "--finish")
                assert finished.code == 0, finished.text
            else:
                Repository(updated.path).commit()
            files = text_of_files(updated.path)
            bot = ground.keep(bot, updated)
    return files
