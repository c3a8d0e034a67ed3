"""Requests made from the bot's own OpenAPI: what comes back is what it promises, and never a 5xx of ours."""

import os
from collections.abc import Callable
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import booleans
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tests.support.bots import BotsInside

Figures = Callable[..., None]

EXAMPLES = int(os.environ.get("FIRE_OPENAPI_EXAMPLES", "50"))
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
USER_KEY, OPERATOR_KEY = "key-of-ana-for-the-drill", "key-of-rita-for-the-drill"
ACCESS = {
    "none": {"AUTH_MODE": "none"},
    "api_key": {"AUTH_MODE": "api_key", "AUTH_API_KEYS": f"{USER_KEY}:ana"},
}
OPERATORS = {
    "without operators": {},
    "with operators": {"OPERATOR_API_KEYS": f"{OPERATOR_KEY}:Rita"},
}


@pytest.mark.parametrize("access", ACCESS)
@pytest.mark.parametrize("operators", OPERATORS)
def test_every_operation_answers_as_documented(
    access: str, operators: str, bots: BotsInside, figures: Figures
) -> None:
    bot = bots(
        LLM_PROVIDER="offline", RATE_LIMIT_PER_MINUTE="0", **ACCESS[access], **OPERATORS[operators]
    )
    schema = schemathesis.openapi.from_dict(httpx.get(f"{bot.url}/openapi.json").json())
    schema.config.update(base_url=bot.url)
    operations = [result.ok() for result in schema.get_all_operations()]
    failures = {each.label: failure for each in operations if (failure := failure_of(each))}
    figures(
        f"schemathesis, {access}, {operators}",
        cases=len(operations),
        passed=len(operations) - len(failures),
        figure=f"up to {EXAMPLES} requests each",
    )
    assert not failures, "\n\n".join(failures.values())


def failure_of(operation: Any) -> str:
    """Ask what the operation's description allows; returns what was answered against it, or ""."""
    key = OPERATOR_KEY if operation.path.startswith("/operator") else USER_KEY

    @given(case=operation.as_strategy(), has_credential=booleans())
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def ask(case: Any, has_credential: bool) -> None:
        headers = {"Authorization": f"Bearer {key}"} if has_credential else {}
        case.call_and_validate(headers=headers, checks=CHECKS, timeout=10)

    try:
        ask()
    except Exception as error:
        return f"{operation.label}: {error}"
    return ""
