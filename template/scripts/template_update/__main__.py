"""Runs the command of this package, on the bot in the current folder."""

import sys

from scripts.template_update.command import main

if __name__ == "__main__":
    sys.exit(main())
