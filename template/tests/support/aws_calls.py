"""What the bot asks AWS for: recorded where its clients send it, and the permission each call needs.

Source of the actions: the Service Authorization Reference of AWS.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote

import pytest
from aiobotocore.session import AioSession

from tests.support.cloudformation import ACCOUNT, REGION
from tests.support.needs import Need, need
from tests.support.target import other_need
from tests.support.wire_server import WireRequest

# Prefixes of the inference profiles that lead to a model in another region.
_PROFILES = {"us", "us-gov", "amer", "ca", "sa", "eu", "apac", "jp", "au", "global"}
# A profile leads to the model in any of its regions; a global one also where no region is named.
_DESTINATIONS = ("us-east-1", "us-west-2", "sa-east-1", "")


class AwsCalls:
    """The permissions that all calls so far needed, each once."""

    def __init__(self) -> None:
        self.needs: set[Need] = set()

    def record(self, params: Mapping[str, Any], model: Any, **_: Any) -> None:
        """Take in a call, as botocore's event `provide-client-params` tells it."""
        service, operation = model.service_model.service_name, model.name
        self.needs |= set(_needs(service, operation, params))

    def record_model_calls(self, requests: Iterable[WireRequest]) -> None:
        """Take in what the model was asked over the wire, for which the bot has its own client."""
        for request in requests:
            assert request.path.endswith("/converse-stream"), request.path
            model_id = unquote(request.path.split("/")[2])
            self.needs |= set(_model_needs(model_id, json.loads(request.body)))


@contextmanager
def recorded_calls() -> Iterator[AwsCalls]:
    """Record the calls of every client of AWS that is made meanwhile, in whatever thread."""
    calls = AwsCalls()
    make = AioSession.__init__

    def make_recorded(session: AioSession, *arguments: Any, **options: Any) -> None:
        make(session, *arguments, **options)
        session.register("provide-client-params", calls.record)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(AioSession, "__init__", make_recorded)
        yield calls


def _needs(service: str, operation: str, params: Mapping[str, Any]) -> Iterator[Need]:
    match service:
        case "dynamodb":
            for table in params.get("RequestItems") or [params["TableName"]]:
                yield need(f"dynamodb:{operation}", "dynamodb", f"table/{table}")
        case "sqs":
            queue = str(params["QueueUrl"]).rpartition("/")[2]
            yield need(f"sqs:{operation}", "sqs", queue)
        case _:
            yield other_need(service, operation, params)


def _model_needs(model_id: str, body: Mapping[str, Any]) -> Iterator[Need]:
    """Yield what ConverseStream needs: the profile or the model, and the model behind a profile."""
    action = "bedrock:InvokeModelWithResponseStream"
    prefix, _, model = model_id.partition(".")
    if model_id.startswith("arn:"):
        profile, model = model_id, "some.model"
        yield Need(action, frozenset({profile}))
    else:
        profile = f"arn:aws:bedrock:{REGION}:{ACCOUNT}:inference-profile/{model_id}"
        itself = f"arn:aws:bedrock:{REGION}::foundation-model/{model_id}"
        yield Need(action, frozenset({profile, itself}))
    if prefix in _PROFILES or model_id.startswith("arn:"):
        for region in _DESTINATIONS:
            destination = f"arn:aws:bedrock:{region}::foundation-model/{model}"
            yield Need(action, frozenset({destination}), {"bedrock:InferenceProfileArn": profile})
    if guardrail := body.get("guardrailConfig"):
        named = f"guardrail/{guardrail['guardrailIdentifier']}"
        yield need("bedrock:ApplyGuardrail", "bedrock", named)
