"""Where the bot's files are."""

from pathlib import Path

BOT_FOLDER = Path(__file__).parent.parent.parent
