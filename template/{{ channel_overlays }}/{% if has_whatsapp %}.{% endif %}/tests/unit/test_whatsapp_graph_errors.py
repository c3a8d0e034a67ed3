"""Which answers of the Graph API are tried again, and after how long."""

import httpx
import pytest

from app.core.service.whatsapp.graph_errors import error_of
from domain.exceptions.whatsapp import GraphError, GraphRefused, GraphUnavailable, GraphUncertain


def answer(status: int, code: object = None, **extra: object) -> httpx.Response:
    error = {"message": "+55 11 99999-0000 did something", "code": code, "fbtrace_id": "AbC"}
    return httpx.Response(status, json={"error": {**error, **extra}})


@pytest.mark.parametrize("code", [2, 4, 80007, 130429, 131000, 131016, 131056, 131057, 133004])
@pytest.mark.parametrize("status", [400, 429, 500, 503])
def test_a_transient_code_is_worth_another_attempt(code: int, status: int) -> None:
    error = error_of(answer(status, code))
    assert isinstance(error, GraphUnavailable)
    assert (error.code, error.status, error.trace_id) == (code, status, "AbC")


@pytest.mark.parametrize(
    "code", [0, 3, 10, 33, 100, 190, 200, 299, 368, 131026, 131031, 131045, 131047, 131048, 131051]
)
@pytest.mark.parametrize("status", [400, 401, 403, 429, 500])
def test_a_permanent_code_is_not(code: int, status: int) -> None:
    assert isinstance(error_of(answer(status, code)), GraphRefused)


@pytest.mark.parametrize(
    ("response", "kind"),
    [
        (answer(500, 1), GraphUnavailable),
        (answer(400, 1), GraphRefused),
        (answer(400, 999999, is_transient=True), GraphUnavailable),
        (answer(400, 999999), GraphRefused),
        (answer(400, "4"), GraphRefused),
        (httpx.Response(429), GraphUnavailable),
        (httpx.Response(500, text="<html>"), GraphUnavailable),
        (httpx.Response(502, content=b"\xff"), GraphUnavailable),
        (httpx.Response(503, json=["error"]), GraphUnavailable),
        (httpx.Response(504, text="timed out"), GraphUncertain),
        (httpx.Response(401), GraphRefused),
        (httpx.Response(404, json={"error": "not found"}), GraphRefused),
        (httpx.Response(302, headers={"Location": "http://evil.example"}), GraphRefused),
    ],
)
def test_other_answers_are_judged_by_their_status(
    response: httpx.Response, kind: type[GraphError]
) -> None:
    assert type(error_of(response)) is kind


@pytest.mark.parametrize(
    ("code", "retry_after", "seconds"),
    [
        (130429, None, 0.0),
        (130429, "7", 7.0),
        (130429, "-7", 0.0),
        (130429, "inf", 0.0),
        (130429, "nan", 0.0),
        (130429, "Wed, 21 Oct 2026 07:28:00 GMT", 0.0),
        (131056, None, 6.0),
        (131056, "2", 6.0),
        (131056, "20", 20.0),
    ],
)
def test_how_long_to_wait(code: int, retry_after: str | None, seconds: float) -> None:
    response = answer(429, code)
    if retry_after is not None:
        response.headers["Retry-After"] = retry_after
    error = error_of(response)
    assert isinstance(error, GraphUnavailable)
    assert error.retry_after == seconds


def test_the_error_names_no_person() -> None:
    assert "99999" not in str(error_of(answer(400, 131026)))
