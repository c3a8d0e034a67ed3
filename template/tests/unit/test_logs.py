import io
import json
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr

import pytest
import structlog
from pydantic import TypeAdapter

from app.core.observability.logs import configure_logs
from domain.ids import new_id
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
    configure_logs("INFO")
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


@pytest.mark.parametrize(
    "name", ["httpx", "httpcore", "botocore", "aiobotocore", "langchain_aws", "uvicorn.error"]
)
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


@pytest.mark.parametrize("fail", [int, TypeAdapter(int).validate_python, {}.__getitem__])
def test_an_error_does_not_repeat_the_value_that_was_wrong(
    fail: Callable[[str], object], logs: LogLines
) -> None:
    try:
        fail(SECRET)
    except (ValueError, KeyError):
        logger.exception("turn_failed")
    (line,) = logs.events("turn_failed")
    assert line["exception"][0]["exc_value"]
    assert SECRET not in logs.text()


def test_a_library_does_not_repeat_a_value_either(output: io.StringIO) -> None:
    logging.getLogger("asyncio").error("never retrieved: %r", ValueError(f"it's {SECRET!r}"))
    assert only_line(output)["event"] == "never retrieved: ValueError('…')"


def test_what_is_missing_in_the_code_is_named(logs: LogLines) -> None:
    try:
        None.foo  # type: ignore[attr-defined]  # noqa: B018
    except AttributeError:
        logger.exception("turn_failed")
    (line,) = logs.events("turn_failed")
    assert line["exception"][0]["exc_value"] == "'NoneType' object has no attribute 'foo'"


def test_personal_data_in_a_line_is_masked(output: io.StringIO) -> None:
    logger.warning("order_refused", reason="ana@example.org", seen=[{"by": "(11) 98765-4321"}])
    line = only_line(output)
    assert (line["reason"], line["seen"]) == ("<email>", [{"by": "<phone>"}])


def test_an_id_that_is_none_of_the_bots_is_left_out(output: io.StringIO) -> None:
    chat_id = new_id("chat")
    with structlog.contextvars.bound_contextvars(chat_id=chat_id, session_id=SECRET):
        logger.info("turn_refused")
    line = only_line(output)
    assert (line["chat_id"], line["session_id"]) == (chat_id, "<no id of this bot>")


def test_debug_shows_the_details_of_the_bot_and_of_no_library(output: io.StringIO) -> None:
    with redirect_stderr(output):
        configure_logs("DEBUG")
    logging.getLogger("app.core").debug("a step")
    for library in ("uvicorn.error", "asyncio", "httpx", "langgraph"):
        logging.getLogger(library).debug("> authorization: Bearer token")
    assert only_line(output)["event"] == "a step"
