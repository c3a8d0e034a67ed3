"""Every variant's README and docs tell what it has, all of it, and nothing else."""

from pathlib import Path

import bot_docs


def test_everything_the_bot_has_is_told(bot: Path) -> None:
    bot_docs.require_everything_told(bot)


def test_nothing_is_told_that_the_bot_has_not(bot: Path) -> None:
    bot_docs.require_nothing_invented(bot)
