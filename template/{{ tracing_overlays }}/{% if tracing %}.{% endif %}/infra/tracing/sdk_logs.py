"""What Langfuse's SDK and OpenTelemetry say while Langfuse is away, but not for every batch."""

import logging
import time

_LOGGERS = (
    "langfuse",
    "opentelemetry.exporter.otlp.proto.http.trace_exporter",
    "opentelemetry.sdk._shared_internal",
)
_SAME_AGAIN_SECONDS = 600


class _Seldom(logging.Filter):
    """Lets the same message of a logger through once in ten minutes."""

    def __init__(self) -> None:
        super().__init__()
        self._said_at: dict[object, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        now = time.monotonic()
        # The text before it is filled in: of a few constants.
        said_at = self._said_at.get(record.msg)
        if said_at is not None and now - said_at < _SAME_AGAIN_SECONDS:
            return False
        self._said_at[record.msg] = now
        return True


def say_seldom() -> None:
    """Have the loggers repeat themselves seldom."""
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        if not any(isinstance(known, _Seldom) for known in logger.filters):
            logger.addFilter(_Seldom())
