"""What is particular to a bot on any machine: no other services that it calls."""

from collections.abc import Mapping
from typing import Any

from tests.support.needs import Need


def other_need(service: str, operation: str, params: Mapping[str, Any]) -> Need:
    """Return what a call of another service needs; the bot calls none."""
    raise AssertionError(f"nobody said which permission {service}:{operation} needs")
