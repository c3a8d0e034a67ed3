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
from domain.exceptions.whatsapp import GraphRefused, GraphUnavailable, GraphUncertain
from domain.graph_versions import DEFAULT_GRAPH_VERSION

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
    version: str = DEFAULT_GRAPH_VERSION

    @property
    def is_complete(self) -> bool:
        return bool(self.base_url and self.phone_number_id and self.access_token)


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Exponential back-off with full jitter, bounded in attempts and in seconds altogether.

    What may have been accepted is another thing: it is repeated once, and not before Meta had time to
    come back, `after_cut_seconds` or, where it was silent until the time-out, `after_silence_seconds`.
    """

    max_attempts: int = 5
    base_seconds: float = 0.5
    max_seconds: float = 8.0
    total_seconds: float = 60.0
    after_cut_seconds: float = 3.0
    after_silence_seconds: float = 45.0

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
        self._url = f"{base_url}/{options.version}/{options.phone_number_id}/messages"

    @property
    def is_configured(self) -> bool:
        return self._options.is_complete

    @property
    def version(self) -> str:
        """The version of the Graph API that it speaks."""
        return self._options.version

    async def send_text(self, recipient: SenderIdentity, text: str) -> str:
        """Send one message of at most 4,096 characters and return the id that Meta gave it.

        The Graph API has no idempotency key: what was sent but never answered is not repeated here.

        Raises:
            GraphRefused: it will never be accepted.
            GraphUnavailable: it was not accepted within the bounded attempts.
            GraphUncertain: it may have been accepted.
        """
        payload = {
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            **_address(recipient),
            "type": "text",
            "text": {"preview_url": False, "body": text},
        }
        give_up_at = time.monotonic() + self._retry.total_seconds
        for attempt in range(self._retry.max_attempts):
            try:
                return self._message_id(await self._post(payload, _SEND_SECONDS))
            except GraphUnavailable as error:
                wait = error.retry_after + self._retry.backoff(attempt)
                is_last = attempt + 1 == self._retry.max_attempts
                if is_last or time.monotonic() + wait > give_up_at:
                    raise
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
        except (httpx.TimeoutException, TimeoutError) as error:
            wait = self._retry.after_silence_seconds
            raise GraphUncertain(type(error).__name__, retry_after=wait) from error
        except httpx.RequestError as error:
            wait = self._retry.after_cut_seconds
            raise GraphUncertain(type(error).__name__, retry_after=wait) from error
        if not response.is_success:
            raise error_of(response)
        return response

    def _message_id(self, response: httpx.Response) -> str:
        """Return the id of the accepted message."""
        status = response.status_code
        try:
            document = response.json()
        except (ValueError, RecursionError) as error:
            # A page of a proxy's, say: Meta answers in JSON, and has not seen the message.
            raise GraphUnavailable("the answer is not Meta's", status=status) from error
        try:
            return str(document["messages"][0]["id"])
        except (LookupError, TypeError) as error:
            wait = self._retry.after_cut_seconds
            raise GraphUncertain(
                "the answer names no message", status=status, retry_after=wait
            ) from error


def _address(recipient: SenderIdentity) -> dict[str, str]:
    # With both, Meta would use the number; a business-scoped id has a parameter of its own.
    if recipient.phone is not None:
        return {"to": recipient.phone}
    return {"recipient": recipient.business_scoped_id or ""}
