"""The client of the WhatsApp Cloud API: text messages, read marks and the typing indicator.

https://developers.facebook.com/documentation/business-messaging/whatsapp/reference
"""

import asyncio
import random
import time
from dataclasses import dataclass, field
from typing import Any

import httpx

from app.core.service.whatsapp.graph_errors import error_of
from domain.dto.whatsapp import SenderIdentity
from domain.exceptions.whatsapp import GraphError, GraphRefused, GraphUnavailable, GraphUncertain

# Meta retires a version about two years after its release; this one came on 2026-07-29.
GRAPH_API_VERSION = "v26.0"

# Generous: giving up on an answer that is on its way is what doubles a reply.
_SEND_SECONDS = 20.0
_READ_MARK_SECONDS = 5.0
_CONNECT_SECONDS = 5.0

# Failures before the request was on its way whole: repeating it cannot deliver it twice.
_UNSENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.WriteError,
    httpx.WriteTimeout,
    httpx.ProxyError,
)
_MALFORMED = (httpx.UnsupportedProtocol, httpx.LocalProtocolError, httpx.InvalidURL, ValueError)


@dataclass(frozen=True, slots=True)
class GraphOptions:
    """Where the Graph API is, which number speaks, and its token."""

    base_url: str
    phone_number_id: str
    access_token: str = field(repr=False)

    @property
    def is_complete(self) -> bool:
        return bool(self.base_url and self.phone_number_id and self.access_token)


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Exponential back-off with full jitter, bounded in attempts and in seconds altogether."""

    max_attempts: int = 5
    base_seconds: float = 0.5
    max_seconds: float = 8.0
    total_seconds: float = 60.0

    def backoff(self, attempt: int) -> float:
        """Return how long to wait after the attempt, counted from 0."""
        return random.uniform(0, min(self.max_seconds, self.base_seconds * 2**attempt))  # noqa: S311


class WhatsAppService:
    """Sends to people on WhatsApp, in the name of one business number."""

    def __init__(
        self, http: httpx.AsyncClient, options: GraphOptions, retry: RetryPolicy | None = None
    ) -> None:
        self._http = http
        self._options = options
        self._retry = retry or RetryPolicy()
        base_url = options.base_url.rstrip("/")
        self._url = f"{base_url}/{GRAPH_API_VERSION}/{options.phone_number_id}/messages"

    @property
    def is_configured(self) -> bool:
        return self._options.is_complete

    async def send_text(self, recipient: SenderIdentity, text: str) -> str:
        """Send one message of at most 4,096 characters and return the id that Meta gave it.

        The Graph API has no idempotency key. A request that was sent but never answered may have
        been accepted; it is repeated once, because losing a reply is worse than doubling it, so that
        a person sees a reply at most twice.

        Raises:
            GraphRefused: it will never be accepted.
            GraphUnavailable: it was not accepted within the bounded attempts.
            GraphUncertain: it may have been accepted, and was not repeated any more.
        """
        payload = {
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            **_address(recipient),
            "type": "text",
            "text": {"preview_url": False, "body": text},
        }
        give_up_at = time.monotonic() + self._retry.total_seconds
        uncertain: GraphUncertain | None = None
        for attempt in range(self._retry.max_attempts):
            try:
                return _message_id(await self._post(payload, _SEND_SECONDS))
            except GraphUncertain as error:
                if uncertain is not None:
                    raise
                uncertain = error
                failure: GraphError = error
                wait = self._retry.backoff(attempt)
            except GraphUnavailable as error:
                failure = error
                wait = error.retry_after + self._retry.backoff(attempt)
            is_last = attempt + 1 == self._retry.max_attempts
            if is_last or time.monotonic() + wait > give_up_at:
                raise uncertain or failure
            await asyncio.sleep(wait)
        raise GraphUnavailable("no attempt was allowed")

    async def mark_as_read_with_typing(self, message_id: str) -> None:
        """Show the message, and all before it, as read and the bot as typing, in a single attempt.

        The indicator ends with the reply or after 25 seconds.

        Raises:
            GraphError: it was not accepted; nothing depends on it.
        """
        payload = {
            "messaging_product": "whatsapp",
            "status": "read",
            "message_id": message_id,
            "typing_indicator": {"type": "text"},
        }
        await self._post(payload, _READ_MARK_SECONDS)

    async def _post(self, payload: dict[str, Any], seconds: float) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self._options.access_token}"}
        timeout = httpx.Timeout(seconds, connect=_CONNECT_SECONDS)
        try:
            # httpx bounds each step, not an answer that drips.
            async with asyncio.timeout(seconds + _CONNECT_SECONDS):
                response = await self._http.post(
                    self._url, json=payload, headers=headers, timeout=timeout
                )
        except _UNSENT as error:
            raise GraphUnavailable(type(error).__name__) from error
        except _MALFORMED as error:
            raise GraphRefused("WHATSAPP_GRAPH_URL or _ACCESS_TOKEN is malformed") from error
        except (httpx.RequestError, TimeoutError) as error:
            raise GraphUncertain(type(error).__name__) from error
        if not response.is_success:
            raise error_of(response)
        return response


def _address(recipient: SenderIdentity) -> dict[str, str]:
    # With both, Meta would use the number; a business-scoped id has a parameter of its own.
    if recipient.phone is not None:
        return {"to": recipient.phone}
    return {"recipient": recipient.business_scoped_id or ""}


def _message_id(response: httpx.Response) -> str:
    """Return the id of the accepted message; a success without one is no answer of Meta's."""
    try:
        return str(response.json()["messages"][0]["id"])
    except (ValueError, RecursionError, LookupError, TypeError) as error:
        raise GraphUncertain("the answer names no message", status=response.status_code) from error
