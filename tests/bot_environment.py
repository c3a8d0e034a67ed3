"""The Python of the environment that has the packages of all variants: `nox -s bots` names it."""

import os
from pathlib import Path

PYTHON = Path(os.environ.get("BOT_PYTHON", "BOT_PYTHON is not set: run nox -s bots"))
