"""ConverseStream on aiobotocore: one coroutine per call, bounded retries, typed errors."""

import asyncio
import random
from collections.abc import AsyncGenerator, Mapping
from typing import Any

from aiobotocore.config import AioConfig
from aiohttp import ClientError as TransportError
from botocore.exceptions import BotoCoreError, ClientError, ReadTimeoutError

from app.core.ports.converse_client import ConverseClient
from domain.exceptions.model import (
    ModelError,
    ModelInterrupted,
    ModelRefused,
    ModelThrottled,
    ModelTimeout,
)
from infra.aws.aws_connection import AwsConnection

_ATTEMPTS = 4
_BACKOFF_SECONDS = 0.4
_BACKOFF_LIMIT_SECONDS = 5.0
# Without an event for this long the answer counts as lost; thinking models pause before the first.
_SILENCE_SECONDS = 60.0

_CONFIG = AioConfig(
    connect_timeout=5,
    read_timeout=_SILENCE_SECONDS,
    # One connection per running turn; the default of 10 would queue the others.
    max_pool_connections=1000,
    # Retried here, where it is known whether text has already been delivered.
    retries={"mode": "standard", "total_max_attempts": 1},
    parameter_validation=False,
)

# Amazon Bedrock API reference, ConverseStream, "Errors"; in a stream the names begin in lower case.
_ERRORS: dict[str, type[ModelError]] = {
    "throttlingexception": ModelThrottled,
    "modelnotreadyexception": ModelThrottled,
    "servicequotaexceededexception": ModelThrottled,
    "modeltimeoutexception": ModelTimeout,
    "accessdeniedexception": ModelRefused,
    "resourcenotfoundexception": ModelRefused,
    "validationexception": ModelRefused,
    "unrecognizedclientexception": ModelRefused,
    "expiredtokenexception": ModelRefused,
    "modelstreamerrorexception": ModelInterrupted,
}


class BedrockClient(ConverseClient):
    """Bedrock Runtime of the configured region."""

    def __init__(self, connection: AwsConnection) -> None:
        self._connection = connection
        self._client: Any = None

    async def start(self) -> None:
        """Open the client."""
        self._client = await self._connection.bedrock_runtime(_CONFIG)

    async def stop(self) -> None:
        """Nothing to do: the connection closes the client."""

    async def converse_stream(
        self, request: Mapping[str, Any]
    ) -> AsyncGenerator[dict[str, Any], None]:
        for attempt in range(1, _ATTEMPTS + 1):
            delivered = False
            try:
                async for event in self._one_attempt(request):
                    delivered = delivered or "contentBlockDelta" in event
                    yield event
                return
            except ModelRefused:
                raise
            except ModelError:
                if delivered or attempt == _ATTEMPTS:
                    raise
            await asyncio.sleep(_backoff(attempt))

    async def _one_attempt(
        self, request: Mapping[str, Any]
    ) -> AsyncGenerator[dict[str, Any], None]:
        try:
            response = await self._client.converse_stream(**request)
            stream = response["stream"]
            try:
                async for event in stream:
                    yield event
            finally:
                # Otherwise a cancelled turn leaves the answer running, and paid for, at Bedrock.
                stream.close()
        except ClientError as error:
            raise _model_error(error) from error
        except (TimeoutError, ReadTimeoutError) as error:
            raise ModelTimeout("no event from Bedrock in time") from error
        except (BotoCoreError, TransportError, OSError) as error:
            raise ModelError(type(error).__name__) from error


def _model_error(error: ClientError) -> ModelError:
    code = error.response.get("Error", {}).get("Code", "")
    kind = _ERRORS.get(code.lower(), ModelError)
    return kind(f"{code}: {error.response.get('Error', {}).get('Message', '')}")


def _backoff(attempt: int) -> float:
    limit = min(_BACKOFF_LIMIT_SECONDS, _BACKOFF_SECONDS * 2 ** (attempt - 1))
    return random.uniform(limit / 2, limit)  # noqa: S311 - jitter, no secret
