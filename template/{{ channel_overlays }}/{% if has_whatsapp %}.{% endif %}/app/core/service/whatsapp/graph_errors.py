"""Which answers of the Graph API are worth another attempt.

Meta asks to decide by the error code, not by its title or the HTTP status:
https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes
"""

import math
from typing import Any

import httpx

from domain.exceptions.whatsapp import GraphError, GraphRefused, GraphUnavailable, GraphUncertain

_PAIR_RATE_LIMIT = 131056
# One message every 6 s from one number to one person is what Meta promises to accept.
_PAIR_RATE_SECONDS = 6.0

# What only an operator or time mends, for all messages alike: asking often is of no use.
_ACCOUNT_SECONDS = 300.0

_TRANSIENT_CODES = frozenset(
    {
        1,  # unknown, or the server's error
        2,  # service temporarily down
        *(4, 17, 32, 341, 613),  # calls of the app, the user, the page
        80007,  # calls of the business account
        130429,  # messages of the number
        131000,  # something went wrong
        131016,  # service unavailable
        131056,  # messages from this number to this person
        131057,  # account in maintenance
        133004,  # server temporarily unavailable
    }
)
# May also mean this very message, which would then fail for ever.
_DOUBTFUL_CODES = frozenset({1, 131000})
# Whatever the HTTP status says: 3 and 131045, for example, come with 500.
_ACCOUNT_CODES = frozenset(
    {
        *(0, 3, 10, 190, *range(200, 300)),  # token and permissions
        *(368, 131031, 131037, 131042, 131045, 133010),  # the account or the number
        131048,  # too many of our messages were reported as spam
    }
)
_PERMANENT_CODES = frozenset(
    {
        *(33, 100, 131008, 131009),  # parameters
        *(130472, 130497, 131021, 131026, 131030, 131047),  # this person, now
        *(131049, 131050, 131051, 131062),
    }
)
_TRANSIENT_STATUSES = frozenset({408, 425, 429})
_UNAUTHORIZED = 401
_GATEWAY_TIMEOUT = 504
_GATEWAY_SECONDS = 30.0


def error_of(response: httpx.Response) -> GraphError:
    """Return the typed error of an answer that is not a success."""
    status = response.status_code
    error = _error_object(response)
    code = error.get("code")
    code = code if isinstance(code, int) else -1
    trace_id = str(error.get("fbtrace_id", ""))
    if code in _PERMANENT_CODES:
        return GraphRefused("refused", code=code, status=status, trace_id=trace_id)
    if code in _ACCOUNT_CODES or (code == -1 and status == _UNAUTHORIZED):
        wait = max(_retry_after(response), _ACCOUNT_SECONDS)
        return GraphUnavailable(
            "the account is blocked", code=code, status=status, trace_id=trace_id, retry_after=wait
        )
    if code == -1 and status == _GATEWAY_TIMEOUT:
        return GraphUncertain(
            "the gateway gave up waiting", status=status, retry_after=_GATEWAY_SECONDS
        )
    if (
        code in _TRANSIENT_CODES
        or error.get("is_transient") is True
        or status in _TRANSIENT_STATUSES
        or status >= 500
    ):
        wait = _retry_after(response)
        if code == _PAIR_RATE_LIMIT:
            wait = max(wait, _PAIR_RATE_SECONDS)
        return GraphUnavailable(
            "unavailable",
            code=code,
            status=status,
            trace_id=trace_id,
            retry_after=wait,
            is_doubtful=code in _DOUBTFUL_CODES,
        )
    return GraphRefused("refused", code=code, status=status, trace_id=trace_id)


def _error_object(response: httpx.Response) -> dict[str, Any]:
    try:
        document = response.json()
    except (ValueError, RecursionError):
        return {}
    error = document.get("error") if isinstance(document, dict) else None
    return error if isinstance(error, dict) else {}


def _retry_after(response: httpx.Response) -> float:
    """Return the seconds that the answer asks to wait, 0 if it does not say."""
    try:
        seconds = float(response.headers.get("Retry-After", "0"))
    except ValueError:  # the date form of RFC 9110, which Meta does not use
        return 0.0
    return max(seconds, 0.0) if math.isfinite(seconds) else 0.0
