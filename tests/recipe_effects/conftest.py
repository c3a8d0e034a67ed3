"""What each recipe of docs/customise.md does, seen from outside: these run in a bot that has it.

The bot runs as its owner has it: `python main.py`, with the `.env` beside it.
"""

import shutil
from pathlib import Path

import pytest

from tests.conftest import StartBot
from tests.support.bot_folder import BOT_FOLDER
from tests.support.bots import BotProcess

# What `.env-template` sets for trying a bot out, and tests have in another place.
_ELSEWHERE = {"LOCAL_AWS": "false", "PORT": "0"}


@pytest.fixture(name="start_bot")
def start_with_env_file(start_bot: StartBot, tmp_path: Path) -> StartBot:
    """Starts the bot with its `.env`; what is given, and where the table is, wins over that."""

    async def start(**environment: str) -> BotProcess:
        folder = tmp_path / "bot-0"
        folder.mkdir()
        shutil.copy(BOT_FOLDER / ".env", folder)
        return await start_bot(**_ELSEWHERE, **environment)

    return start
