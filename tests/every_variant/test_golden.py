"""The bots are as written down in tests/golden; `nox -s golden` writes them down anew."""

from pathlib import Path

import pytest

import golden_files
from golden_files import CONTENTS, IN_FULL, TREES, contents, full_text, full_text_file, hashes
from variants import VARIANTS, Variant

ADVICE = "differs from tests/golden: run `nox -s golden`, and read in the diff what has changed"


def test_the_bot_is_as_written_down(bot: Path, variant: Variant) -> None:
    line = golden_files.tree_line(variant, hashes(bot))

    assert line in TREES.read_text("utf-8").splitlines(), f"{variant.id} {ADVICE}"


@pytest.mark.only(IN_FULL)
def test_its_text_is_as_written_down(bot: Path, variant: Variant) -> None:
    assert full_text(bot) == full_text_file(variant).read_text("utf-8"), f"{variant.id} {ADVICE}"


def test_what_is_written_down_is_all_there_is(forest: dict[Variant, Path]) -> None:
    ids = [line.split()[1] for line in TREES.read_text("utf-8").splitlines()]

    assert ids == [variant.id for variant in VARIANTS]
    if len(forest) == len(VARIANTS):
        bots = {variant: hashes(forest[variant]) for variant in VARIANTS}
        assert contents(bots) == CONTENTS.read_text("utf-8"), ADVICE
