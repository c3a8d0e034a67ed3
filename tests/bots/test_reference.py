"""The reference of the protocols is what bots say of themselves now."""

from pathlib import Path

from bot_environment import PYTHON
from tools.reference import pages
from variants import ROOT


def test_the_reference_is_what_the_bots_say(template: Path, tmp_path: Path) -> None:
    stale = [
        path
        for path, text in pages(template, tmp_path, str(PYTHON)).items()
        if (ROOT / path).read_text("utf-8") != text
    ]

    assert stale == [], "write them anew: BOT_PYTHON=… python tools/reference.py"
