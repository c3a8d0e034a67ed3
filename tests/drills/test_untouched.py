"""A bot that nobody has changed becomes what a new one would be."""

import pytest

from drills.drill import WAYS
from drills.ground import Ground, variants_of
from releases import NEXT
from tools.release import past_versions
from variants import Variant, pairwise

BOTS = [
    pytest.param(version, variant, id=f"{version}-{variant.id}")
    for version in past_versions()
    for variant in pairwise(variants_of(version))
]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("version", "variant"), BOTS)
def test_an_untouched_bot_becomes_a_new_one(
    ground: Ground, version: str, variant: Variant, way: str
) -> None:
    bot = ground.edited(version, variant, ())

    with ground.updated(bot, NEXT, way, variant) as updated:
        assert updated.problems(way) == []
        assert updated.conflicts() == set()
        assert list(updated.path.rglob("*.rej")) == []
        assert updated.said.code == 0
