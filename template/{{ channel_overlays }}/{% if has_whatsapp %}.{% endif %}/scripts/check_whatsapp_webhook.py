"""Whether the webhook does for Meta what it should, and for nobody else.

https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/create-webhook-endpoint
"""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx

from app.core.service.whatsapp.signature import SIGNATURE_HEADER, sign
from scripts import check_whatsapp_texts as texts
from scripts.check_whatsapp_findings import Finding, note, well, wrong

WEBHOOK_PATH = "/webhook/whatsapp"

# A delivery without a message: the bot acknowledges it and has nothing to answer.
_EMPTY_DELIVERY = b'{"object":"whatsapp_business_account","entry":[]}'


@dataclass(frozen=True, slots=True)
class WebhookOptions:
    """The webhook's whole address, and the secrets that its bot should have."""

    url: str
    verify_token: str = field(repr=False)
    app_secret: str = field(repr=False)


class WebhookCheck:
    """Asks the webhook what Meta asks, and what a stranger would."""

    def __init__(self, http: httpx.Client, options: WebhookOptions) -> None:
        self._http = http
        self._options = options

    def run(self) -> Iterator[Finding]:
        """Yield what was found; without an answer nothing more is asked."""
        if urlsplit(self._options.url).scheme != "https":
            yield note(texts.NOT_HTTPS)
        try:
            yield from self._check_verification()
            yield from self._check_signature()
        except httpx.HTTPError as error:
            reason = str(error) or type(error).__name__
            yield wrong(texts.WEBHOOK_AWAY.format(url=self._options.url, reason=reason))

    def _check_verification(self) -> Iterator[Finding]:
        if self._options.verify_token:
            status, is_echoed = self._verify(self._options.verify_token)
            if is_echoed:
                yield well(texts.CHALLENGE_ECHOED)
            else:
                yield wrong(texts.CHALLENGE_NOT_ECHOED.format(status=status))
        status, is_echoed = self._verify(secrets.token_hex(16))
        if is_echoed:
            yield wrong(texts.STRANGER_VERIFIED)

    def _verify(self, token: str) -> tuple[int, bool]:
        """Return the status, and whether the challenge was echoed as Meta expects it."""
        challenge = str(secrets.randbelow(10**10))
        response = self._http.get(
            self._options.url,
            params={
                "hub.mode": "subscribe",
                "hub.verify_token": token,
                "hub.challenge": challenge,
            },
        )
        return response.status_code, response.is_success and response.text == challenge

    def _check_signature(self) -> Iterator[Finding]:
        unsigned = self._deliver(None)
        if unsigned.is_success:
            yield wrong(texts.UNSIGNED_ACCEPTED)
        if not self._options.app_secret:
            return
        signed = self._deliver(sign(self._options.app_secret, _EMPTY_DELIVERY))
        if signed.is_success and not unsigned.is_success:
            yield well(texts.SIGNATURE_WELL)
        elif signed.status_code == httpx.codes.FORBIDDEN:
            yield wrong(texts.SIGNED_REFUSED)
        elif not signed.is_success:
            yield wrong(texts.SIGNED_NOT_ACCEPTED.format(status=signed.status_code))

    def _deliver(self, signature: str | None) -> httpx.Response:
        headers = {"Content-Type": "application/json"}
        if signature is not None:
            headers[SIGNATURE_HEADER] = signature
        return self._http.post(self._options.url, content=_EMPTY_DELIVERY, headers=headers)
