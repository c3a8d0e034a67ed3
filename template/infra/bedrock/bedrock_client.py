"""ConverseStream over HTTP: no thread for a call, bounded retries, typed errors.

The request is signed and the answer decoded by botocore, the HTTP client is the one aiobotocore
uses. aiobotocore's own client is left out: it takes more than twice the CPU for a streamed answer.
"""

import asyncio
import os
import random
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any
from urllib.parse import quote, urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
import structlog
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.eventstream import ParserError
from botocore.exceptions import BotoCoreError

from app.core.ports.converse_client import ConverseClient
from domain.exceptions.model import (
    ModelError,
    ModelInterrupted,
    ModelRefused,
    ModelThrottled,
    ModelTimeout,
)
from infra.aws.aws_connection import AwsConnection, Endpoint, is_loopback
from infra.bedrock.event_stream import EventDecoder, StreamError, encode_request

logger = structlog.get_logger(__name__)

_SAID_CHARACTERS = 300
_ATTEMPTS = 4
_BACKOFF_SECONDS = 0.4
_BACKOFF_LIMIT_SECONDS = 5.0
_CONNECT_SECONDS = 5
# Without an event for this long the answer counts as lost; thinking models pause before the first.
_SILENCE_SECONDS = 60

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
    "invalidsignatureexception": ModelRefused,
    "expiredtokenexception": ModelRefused,
    "modelstreamerrorexception": ModelInterrupted,
}


class BedrockClient(ConverseClient):
    """Bedrock Runtime of the configured region."""

    def __init__(self, connection: AwsConnection) -> None:
        self._connection = connection
        self._endpoint: Endpoint | None = None
        self._http: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        """Find the endpoint and open the HTTP client."""
        self._endpoint = await self._connection.bedrock_runtime()
        self._http = aiohttp.ClientSession(
            # One connection for each running turn; the turns themselves are bounded elsewhere.
            connector=aiohttp.TCPConnector(limit=0),
            timeout=aiohttp.ClientTimeout(
                total=None, sock_connect=_CONNECT_SECONDS, sock_read=_SILENCE_SECONDS
            ),
            proxy=_proxy_for(self._endpoint.url),
        )

    async def stop(self) -> None:
        """Close the HTTP client."""
        if self._http is not None:
            await self._http.close()

    async def converse_stream(
        self, request: Mapping[str, Any]
    ) -> AsyncGenerator[dict[str, Any], None]:
        for attempt in range(1, _ATTEMPTS + 1):
            delivered = False
            try:
                async with aclosing(self._one_attempt(request)) as events:
                    async for event in events:
                        delivered = delivered or "messageStart" not in event
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
        assert self._endpoint is not None and self._http is not None
        path = f"/model/{quote(request['modelId'], safe='')}/converse-stream"
        body = encode_request(request)
        is_answering = is_complete = False
        try:
            headers = await _signed_headers(self._endpoint, path, body)
            async with self._http.post(
                self._endpoint.url + path, data=body, headers=headers
            ) as response:
                if response.status != 200:
                    raise await _refusal(response)
                is_answering = True
                decoder = EventDecoder()
                async for data in response.content.iter_any():
                    for event in decoder.feed(data):
                        is_complete = is_complete or "messageStop" in event
                        yield event
        except StreamError as error:
            _explain(error.code, error.message)
            raise _model_error(error.code, error.code) from error
        except TimeoutError as error:
            raise ModelTimeout("no event from Bedrock in time") from error
        except BotoCoreError as error:
            raise ModelRefused(type(error).__name__) from error
        except (aiohttp.ClientError, OSError, ParserError, ValueError) as error:
            kind = ModelInterrupted if is_answering else ModelError
            raise kind(type(error).__name__) from error
        if not is_complete:
            # A connection that was closed in the middle need not show as an error.
            raise ModelInterrupted("the stream ended without messageStop")


def _proxy_for(url: str) -> str | None:
    """Return the proxy that the environment names; aiohttp would look it up in a thread each time."""
    host = urlsplit(url)
    if is_loopback(url) or proxy_bypass(host.netloc):
        return None
    return getproxies().get(host.scheme)


async def _signed_headers(endpoint: Endpoint, path: str, body: bytes) -> dict[str, str]:
    """Return the headers of a request: with a Bedrock API key where there is one, else signed."""
    headers = {"Content-Type": "application/json", "Accept": "application/vnd.amazon.eventstream"}
    api_key = os.environ.get("AWS_BEARER_TOKEN_BEDROCK")
    if api_key and not endpoint.is_local_aws:
        return {**headers, "Authorization": f"Bearer {api_key}"}
    credentials = await endpoint.credentials()
    if credentials is None:
        raise ModelRefused("no AWS credentials")
    request = AWSRequest("POST", endpoint.url + path, headers=headers, data=body)
    SigV4Auth(credentials, "bedrock", endpoint.region).add_auth(request)
    return dict(request.headers)


async def _refusal(response: aiohttp.ClientResponse) -> ModelError:
    code = response.headers.get("x-amzn-errortype", "").partition(":")[0]
    if not code and response.status == 429:
        code = "ThrottlingException"
    _explain(code, await response.text(errors="replace"))
    return _model_error(code, f"{response.status} {code}".rstrip())


def _explain(code: str, message: str) -> None:
    """Log what Bedrock says, which may repeat what a person wrote: not above DEBUG."""
    logger.debug("bedrock_refused", code=code, said=message[:_SAID_CHARACTERS])


def _model_error(code: str, message: str) -> ModelError:
    return _ERRORS.get(code.lower(), ModelError)(message)


def _backoff(attempt: int) -> float:
    limit = min(_BACKOFF_LIMIT_SECONDS, _BACKOFF_SECONDS * 2 ** (attempt - 1))
    return random.uniform(limit / 2, limit)  # noqa: S311 - jitter, no secret
