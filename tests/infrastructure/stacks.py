"""Creates stacks on the emulated AWS."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from infrastructure.emulated_aws import EmulatedAws

_LIMIT_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Stack:
    """A stack that is there: its outputs, and what each of its resources became."""

    name: str
    outputs: Mapping[str, str]
    resources: Mapping[str, str]


def create(
    aws: EmulatedAws, name: str, template: Mapping[str, Any], parameters: Mapping[str, str]
) -> Stack:
    """Create a stack; botocore's ClientError says why one is refused."""
    aws.client("cloudformation").create_stack(**_request(name, template, parameters))
    return _completed(aws, name, "CREATE_COMPLETE")


def update(
    aws: EmulatedAws, name: str, template: Mapping[str, Any], parameters: Mapping[str, str]
) -> Stack:
    """Give a stack another template or other parameters."""
    aws.client("cloudformation").update_stack(**_request(name, template, parameters))
    return _completed(aws, name, "UPDATE_COMPLETE")


def _request(
    name: str, template: Mapping[str, Any], parameters: Mapping[str, str]
) -> dict[str, Any]:
    return {
        "StackName": name,
        "TemplateBody": json.dumps(template),
        "Capabilities": ["CAPABILITY_IAM"],
        "Parameters": [
            {"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()
        ],
    }


def _completed(aws: EmulatedAws, name: str, wanted: str) -> Stack:
    cloudformation = aws.client("cloudformation")
    deadline = time.monotonic() + _LIMIT_SECONDS
    while True:
        (stack,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
        if not stack["StackStatus"].endswith("IN_PROGRESS"):
            break
        assert time.monotonic() < deadline, stack["StackStatus"]
        time.sleep(0.1)
    events = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
    assert stack["StackStatus"] == wanted, events
    resources = cloudformation.describe_stack_resources(StackName=name)["StackResources"]
    return Stack(
        name,
        {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])},
        {each["LogicalResourceId"]: each["PhysicalResourceId"] for each in resources},
    )
