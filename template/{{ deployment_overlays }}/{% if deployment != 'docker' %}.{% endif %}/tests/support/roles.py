"""What the roles of the bot's stack allow."""

from collections.abc import Iterable, Iterator
from typing import Any

from tests.support.cloudformation import Template
from tests.support.permissions import Permission, permissions_in


def permissions_of(template: Template, roles: Iterable[str]) -> list[Permission]:
    """Return what the roles of these names allow, by policies of their own or of the stack's."""
    by_role = dict(template.resources("AWS::IAM::Role"))
    of_the_stack = dict(template.resources("AWS::IAM::ManagedPolicy"))
    return [
        permission
        for role in roles
        for document in _documents(by_role[role], of_the_stack)
        for permission in permissions_in(role, document)
    ]


def _documents(role: Any, of_the_stack: Any) -> Iterator[Any]:
    for policy in role.get("Policies", ()):
        yield policy["PolicyDocument"]
    # A policy that the stack does not make, such as one of AWS's own, is found nowhere here.
    for name in role.get("ManagedPolicyArns", ()):
        yield of_the_stack[name]["PolicyDocument"]
