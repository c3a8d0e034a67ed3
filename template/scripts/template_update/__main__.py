"""Runs the command of this package, on the bot in the current folder."""

import importlib.util
import sys


def run() -> int | str:
    """Return the exit code, or the sentence that says what is missing."""
    # Only the session template_update has Copier.
    if importlib.util.find_spec("copier") is None:
        return "Copier is missing here. Run: uv run nox -s template_update"
    from scripts.template_update.command import main

    return main()


if __name__ == "__main__":
    sys.exit(run())
