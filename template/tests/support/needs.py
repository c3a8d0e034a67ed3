"""A permission that a call of AWS needs."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.support.cloudformation import ACCOUNT, REGION


@dataclass(frozen=True, slots=True)
class Need:
    """An action, for one of the resources, in a context of condition keys."""

    action: str
    resources: frozenset[str]
    context: Mapping[str, str] = field(default_factory=dict, hash=False)


def need(action: str, service: str, resource: str) -> Need:
    """Return the need of an action for one resource of the account's in the region."""
    return Need(action, frozenset({f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"}))
