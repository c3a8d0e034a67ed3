"""The bot's log lines, as they are written."""

import json
import logging
from typing import Any


class LogLines(logging.Handler):
    """Keeps every line that the bot's own handler would write."""

    def __init__(self) -> None:
        super().__init__()
        root = logging.getLogger()
        self.setFormatter(
            next(h.formatter for h in root.handlers if type(h) is logging.StreamHandler)
        )
        self._lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self._lines.append(self.format(record))

    def text(self) -> str:
        """Return everything written so far."""
        return "\n".join(self._lines)

    def events(self, name: str) -> list[dict[str, Any]]:
        """Return the lines of one event, by its name."""
        lines = [json.loads(line) for line in self._lines]
        return [line for line in lines if line["event"] == name]
