"""Whether what goes over the socket is what its documentation says."""

from functools import cache
from typing import Any

from jsonschema import Draft7Validator

from interface.websocket.asyncapi import OUTGOING, schema_of


@cache
def validator(name: str) -> Draft7Validator:
    """Return the validator of a message; of what the bot sends, no undocumented field passes."""
    closed = {"additionalProperties": False} if name in OUTGOING else {}
    return Draft7Validator({**schema_of(name), **closed})


def check_event(event: dict[str, Any]) -> None:
    """Let an event pass that is documented as it is; an assertion says what is not."""
    assert event["type"] in OUTGOING, f"{event['type']} is not in interface/websocket/asyncapi.py"
    problems = [error.message for error in validator(event["type"]).iter_errors(event)]
    assert problems == [], f"{event['type']} is not as /asyncapi.json says: {problems}"
