"""The two services that a function meets before its first event, down to their bytes."""

import asyncio
import json
from queue import Empty, Queue
from typing import Any

from tests.support.wire_server import Exchange, WireRequest, WireServer


class SecretsManagerFake(WireServer):
    """AWS Secrets Manager with some secrets, by their ARN."""

    def __init__(self, secrets: dict[str, str]) -> None:
        self._secrets = secrets
        super().__init__()

    async def answer(self, request: WireRequest, exchange: Exchange) -> None:
        secret = self._secrets.get(json.loads(request.body)["SecretId"])
        if secret is None:
            await exchange.respond_json(400, {"__type": "ResourceNotFoundException"})
        else:
            await exchange.respond_json(200, {"SecretString": secret})


class RuntimeApiFake(WireServer):
    """Lambda's runtime API: hands events out, and keeps what the function answers."""

    def __init__(self, *events: dict[str, Any]) -> None:
        self._events = list(events)
        self._answers: Queue[dict[str, Any]] = Queue()
        super().__init__()

    def next_answer(self, seconds: float) -> dict[str, Any]:
        """Return what the function answered to the next event."""
        try:
            return self._answers.get(timeout=seconds)
        except Empty:
            raise AssertionError(f"no answer in {seconds} s") from None

    async def answer(self, request: WireRequest, exchange: Exchange) -> None:
        if not request.path.endswith("/next"):
            self._answers.put(json.loads(request.body))
            await exchange.respond_json(202, {"status": "OK"})
        elif self._events:
            headers = {
                "Lambda-Runtime-Aws-Request-Id": f"request-{len(self._events)}",
                "Lambda-Runtime-Deadline-Ms": "9999999999999",
                "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:us-east-1:1:function:bot",
            }
            await exchange.respond_json(200, self._events.pop(0), headers)
        else:
            # There is nothing more; Lambda would freeze the process here.
            await asyncio.Event().wait()
