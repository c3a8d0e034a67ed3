"""Structured logs: one JSON object a line, with the ids bound to the running request or turn.

No line tells who somebody is or what they wrote: the bot logs ids and codes, and what a library, an
exception or your own code puts into a line loses it before it is written.
"""

import logging
import re
import sys
from collections.abc import Mapping
from typing import Any

import structlog
from structlog.tracebacks import ExceptionDictTransformer

from domain.ids import is_own_id
from domain.personal_data import without_personal_data

Line = structlog.typing.EventDict

# What is the bot's own; the DEBUG lines of libraries hold headers, frames and bodies.
_OWN_PACKAGES = ("app", "domain", "infra", "interface")
# Their INFO lines name URLs, addresses of people and request bodies.
_NOISY = ("httpx", "httpcore", "botocore", "aiobotocore", "langchain_aws", "uvicorn")
# What the processors below have written, whatever the line said.
_MADE_HERE = frozenset({"timestamp", "level", "logger"})
# A client may send anything as an id.
_IDS = ("chat_id", "session_id", "message_id")
_NO_ID = "<no id of this bot>"
# Python quotes the value that was wrong, except in these, where it quotes a name from the code.
_QUOTE = re.compile(r"(?<!\w)(?:'(?:[^'\\]|\\.)*+(?:'|$)|\"(?:[^\"\\]|\\.)*+(?:\"|$))", re.S)
_ABOUT_CODE = frozenset({"AttributeError", "ImportError", "ModuleNotFoundError", "NameError"})
_MAX_REASON_CHARACTERS = 500


def configure_logs(level: str) -> None:
    """Send the bot's logs from `level` up, and those of its libraries from INFO up, to standard error."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        # Without the local variables: they hold what people wrote, and secrets.
        structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            _without_people,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, _without_quotes, _without_people],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel("INFO" if level == "DEBUG" else level)
    for package in _OWN_PACKAGES:
        logging.getLogger(package).setLevel(level)
    for noisy in _NOISY:
        logging.getLogger(noisy).setLevel(logging.WARNING)
    for server in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logging.getLogger(server).handlers = []
        logging.getLogger(server).propagate = True


def _without_quotes(_: Any, __: str, line: Line) -> Line:
    """Take what a library quotes out of its line: values, such as those in "never retrieved"."""
    line["event"] = _QUOTE.sub("'…'", str(line["event"]))
    return line


def _without_people(_: Any, __: str, line: Line) -> Line:
    """Mask personal data in all values, and keep out of them what may be anything."""
    for name, value in line.items():
        if name == "exception" and isinstance(value, list):
            line[name] = [_explained(stack) for stack in value]
        elif name in _IDS:
            line[name] = value if value is None or is_own_id(value) else _NO_ID
        elif name not in _MADE_HERE:
            line[name] = _masked(value)
    return line


def _explained(stack: Mapping[str, Any]) -> dict[str, Any]:
    """Return an exception without the values in its message."""
    reason = stack["exc_value"]
    if stack["exc_type"] not in _ABOUT_CODE:
        reason = _QUOTE.sub("'…'", reason)
    return {
        **stack,
        "exc_value": without_personal_data(reason[:_MAX_REASON_CHARACTERS]),
        "exc_notes": [],
        "exceptions": [
            [_explained(inner) for inner in trace] for trace in stack.get("exceptions", [])
        ],
    }


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return without_personal_data(value)
    if isinstance(value, dict):
        return {name: _masked(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_masked(inner) for inner in value]
    return value
