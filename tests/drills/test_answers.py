"""Old records of answers: what plain Copier makes of them. The bot's script is tested for the same."""

import re
import shutil
from pathlib import Path

import pytest

from drills.drill import ANSWERS, by_copier, text_of_files
from drills.ground import Ground, main_variant
from releases import NEXT, Repository
from tools.release import past_versions, tag

OLDEST = past_versions()[0]


@pytest.mark.parametrize(
    ("old", "new"),
    [(r"\Z", "colour: blue\n"), (r"^ci: .*\n", ""), (r"^author: .*\n", "")],
    ids=["unknown-key", "missing-key", "missing-key-with-a-computed-default"],
)
def test_an_unknown_or_missing_key_changes_nothing(
    ground: Ground, tmp_path: Path, old: str, new: str
) -> None:
    variant = main_variant(OLDEST)
    bot = Repository(shutil.copytree(ground.made(OLDEST, variant).path, tmp_path / "bot"))
    answers = bot.path / ANSWERS
    recorded = answers.read_text("utf-8")
    answers.write_text(re.sub(old, new, recorded, count=1, flags=re.M), "utf-8", newline="\n")
    assert answers.read_text("utf-8") != recorded
    bot.commit()

    by_copier(bot.path, tag(NEXT))

    fresh = ground.made(NEXT, variant).path
    assert text_of_files(bot.path) == text_of_files(fresh)
    assert answers.read_text("utf-8").replace("colour: blue\n", "") == (fresh / ANSWERS).read_text(
        "utf-8"
    )
