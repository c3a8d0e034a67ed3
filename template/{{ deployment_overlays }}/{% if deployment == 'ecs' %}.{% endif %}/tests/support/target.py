"""What is particular to a task on Fargate: the bot's role, and the other services that it calls."""

from collections.abc import Mapping
from typing import Any

from tests.support.cloudformation import Template
from tests.support.needs import Need


def roles_of_the_bot(template: Template) -> list[str]:
    """Return the names of the roles that the bot's own code has."""
    arns = [task["TaskRoleArn"] for _, task in template.resources("AWS::ECS::TaskDefinition")]
    return sorted({str(arn).rpartition(":")[2] for arn in arns})


def other_need(service: str, operation: str, params: Mapping[str, Any]) -> Need:
    """Return what a call of another service needs; a task calls none."""
    raise AssertionError(f"nobody said which permission {service}:{operation} needs")
