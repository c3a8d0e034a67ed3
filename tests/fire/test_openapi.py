"""Requests made from the bot's own OpenAPI: what comes back is what it promises, and never a 5xx of ours."""

import os

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.fire.conftest import Figures
from tests.support.bots import BotsInside

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
OPERATORS = {"without operators": {}, "with operators": {"OPERATOR_API_KEYS": f"{OPERATOR_KEY}:Rita"}}


@pytest.mark.parametrize("access", ACCESS)
@pytest.mark.parametrize("operators", OPERATORS)
def test_every_operation_answers_as_documented(
    access: str, operators: str, bots: BotsInside, figures: Figures
) -> None:
    bot = bots(
        LLM_PROVIDER="offline", RATE_LIMIT_PER_MINUTE="0", **ACCESS[access], **OPERATORS[operators]
    )
    description = httpx.get(f"{bot.url}/openapi.json").json()
    schema = schemathesis.openapi.from_dict(description)
    schema.config.update(base_url=bot.url)
    requests = operations = 0
    failures: dict[str, str] = {}
    for result in schema.get_all_operations():
        operation = result.ok()
        operations += 1
        key = OPERATOR_KEY if operation.path.startswith("/operator") else USER_KEY

        @given(case=operation.as_strategy())
        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        def ask(case: schemathesis.Case) -> None:
            nonlocal requests
            requests += 1
            # Half of the requests come without a credential.
            headers = {} if requests % 2 else {"Authorization": f"Bearer {key}"}
            case.call_and_validate(headers=headers, checks=CHECKS, timeout=10)

        try:
            ask()
        except Exception as error:
            failures[operation.label] = str(error)
    figures(
        f"schemathesis, {access}, {operators}",
        cases=operations,
        passed=operations - len(failures),
        figure=f"{requests} requests",
    )
    assert failures == {}
