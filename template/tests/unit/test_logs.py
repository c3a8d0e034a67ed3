import io
import json
import logging
import sys
from collections.abc import Iterator

import pytest
import structlog

from app.core.observability.logs import configure_logs
from tests.support.logs import LogLines

logger = structlog.get_logger(__name__)

SECRET = "what a person wrote"


@pytest.fixture
def output(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """Standard error, with the logs configured to write there."""
    stream = io.StringIO()
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    monkeypatch.setattr(sys, "stderr", stream)
    configure_logs("INFO")
    yield stream
    root.handlers, root.level = handlers, level


def only_line(output: io.StringIO) -> dict[str, object]:
    (line,) = output.getvalue().splitlines()
    parsed: dict[str, object] = json.loads(line)
    return parsed


def test_a_line_is_one_json_object_with_the_bound_ids(output: io.StringIO) -> None:
    with structlog.contextvars.bound_contextvars(request_id="req_1"):
        logger.info("turn_ended", outcome="answered", note="várias\nlinhas")
    line = only_line(output)
    assert line.pop("timestamp")
    assert line == {
        "event": "turn_ended",
        "outcome": "answered",
        "note": "várias\nlinhas",
        "request_id": "req_1",
        "level": "info",
        "logger": __name__,
    }


def test_a_library_logs_in_the_same_form(output: io.StringIO) -> None:
    logging.getLogger("some.library").warning("disk %s full", "almost")
    line = only_line(output)
    assert line["event"] == "disk almost full"
    assert (line["level"], line["logger"]) == ("warning", "some.library")


@pytest.mark.parametrize("name", ["httpx", "httpcore", "botocore", "aiobotocore", "langchain_aws"])
def test_what_clients_say_about_each_request_is_left_out(name: str, output: io.StringIO) -> None:
    logging.getLogger(name).info("POST https://example.org/path?token=1")
    assert output.getvalue() == ""


def test_what_is_below_the_level_is_left_out(output: io.StringIO) -> None:
    logger.debug("detail")
    logging.getLogger("some.library").debug("detail")
    assert output.getvalue() == ""


def test_an_error_shows_where_it_happened_without_the_values_of_variables(logs: LogLines) -> None:
    question = SECRET
    for log in (logger, logging.getLogger("some.library")):
        try:
            raise ZeroDivisionError("by nought") if question else RuntimeError
        except ZeroDivisionError:
            log.exception("turn_failed")
    ours, theirs = logs.events("turn_failed")
    for line in (ours, theirs):
        (trace,) = line["exception"]
        assert (trace["exc_type"], trace["exc_value"]) == ("ZeroDivisionError", "by nought")
        assert trace["frames"][-1]["filename"] == __file__
    assert SECRET not in logs.text()
