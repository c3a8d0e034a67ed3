"""Which answers of the Graph API are tried again, and after how long."""

import httpx
import pytest

from app.core.service.whatsapp.graph_errors import error_of
from domain.exceptions.whatsapp import GraphError, GraphRefused, GraphUnavailable, GraphUncertain


def answer(status: int, code: object = None, **extra: object) -> httpx.Response:
    error = {"message": "+55 11 99999-0000 did something", "code": code, "fbtrace_id": "AbC"}
    return httpx.Response(status, json={"error": {**error, **extra}})


@pytest.mark.parametrize(
    "code",
    [1, 2, 4, 17, 32, 341, 613, 80007, 130429, 131000, 131016, 131056, 131057, 133004],
)
@pytest.mark.parametrize("status", [400, 429, 500, 503])
def test_a_transient_code_is_worth_another_attempt(code: int, status: int) -> None:
    error = error_of(answer(status, code))
    assert isinstance(error, GraphUnavailable)
    assert (error.code, error.status, error.trace_id) == (code, status, "AbC")


@pytest.mark.parametrize(
    "code",
    [
        *(33, 100, 130472, 130497, 131008, 131009, 131021, 131026, 131030, 131047),
        *(131049, 131050, 131051, 131062),
    ],
)
@pytest.mark.parametrize("status", [400, 401, 403, 429, 500])
def test_a_permanent_code_is_not(code: int, status: int) -> None:
    assert isinstance(error_of(answer(status, code)), GraphRefused)


@pytest.mark.parametrize(
    "code",
    [0, 3, 10, 190, 200, 299, 368, 131031, 131037, 131042, 131045, 131048, 133010],
)
@pytest.mark.parametrize("status", [400, 401, 403, 500])
def test_a_blocked_account_keeps_its_messages_and_asks_seldom(code: int, status: int) -> None:
    error = error_of(answer(status, code))
    assert isinstance(error, GraphUnavailable)
    assert error.retry_after == 300
    assert not error.is_doubtful


@pytest.mark.parametrize(
    ("code", "is_doubtful"), [(1, True), (131000, True), (2, False), (4, False)]
)
def test_what_may_be_the_messages_own_fault_is_told(code: int, is_doubtful: bool) -> None:
    error = error_of(answer(500, code))
    assert isinstance(error, GraphUnavailable)
    assert error.is_doubtful is is_doubtful


@pytest.mark.parametrize(
    ("response", "kind"),
    [
        (answer(400, 999999, is_transient=True), GraphUnavailable),
        (answer(400, 999999), GraphRefused),
        (answer(400, "4"), GraphRefused),
        (httpx.Response(429), GraphUnavailable),
        (httpx.Response(500, text="<html>"), GraphUnavailable),
        (httpx.Response(502, content=b"\xff"), GraphUnavailable),
        (httpx.Response(503, json=["error"]), GraphUnavailable),
        (httpx.Response(504, text="timed out"), GraphUncertain),
        (httpx.Response(401), GraphUnavailable),
        (httpx.Response(403), GraphRefused),
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
        (130429, "3600", 3600.0),
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
