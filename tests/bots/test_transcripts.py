"""The conversations that the site shows are those that the bots hold."""

import os
from pathlib import Path

import pytest

from tools.docs_pages import Bots, transcript_part
from variants import choices

PYTHON = Path(os.environ.get("BOT_PYTHON", "BOT_PYTHON is not set: run nox -s bots"))
# Each preset once, and both languages.
SHOWN = [
    (preset, choices("language")[number % 2])
    for number, preset in enumerate(choices("graph_preset"))
]


@pytest.mark.parametrize(("preset", "language"), SHOWN)
def test_the_conversation_on_the_site_is_the_one_that_the_bot_holds(
    template: Path, tmp_path: Path, preset: str, language: str
) -> None:
    part = transcript_part(Bots(template, tmp_path), preset, language, PYTHON)

    assert part.is_in_place(), "run `nox -s pages`, and read in the diff what has changed"
