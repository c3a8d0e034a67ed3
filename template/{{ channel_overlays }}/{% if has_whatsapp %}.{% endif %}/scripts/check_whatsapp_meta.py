"""What Meta says of the token, the number, the subscriptions and the app's secret.

https://developers.facebook.com/docs/graph-api/reference/debug_token
https://developers.facebook.com/documentation/business-messaging/whatsapp/support/health-status
https://developers.facebook.com/documentation/business-messaging/whatsapp/solution-providers/manage-webhooks
https://developers.facebook.com/docs/graph-api/reference/app/subscriptions
"""

import hashlib
import hmac
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx

from domain.graph_versions import DEFAULT_GRAPH_VERSION
from scripts import check_whatsapp_texts as texts
from scripts.check_whatsapp_findings import Finding, note, well, wrong

_SENDING = "whatsapp_business_messaging"
_MANAGEMENT = "whatsapp_business_management"
_NUMBER_FIELDS = "display_phone_number,verified_name,name_status,status,quality_rating"
_NO_TOKEN_CODES = (102, 190)
_ACCOUNT = "whatsapp_business_account"

Answer = dict[str, Any]


class GraphFailure(Exception):
    """The Graph API did not give an answer; `code` is Meta's, 0 if none of its answers came."""

    def __init__(self, message: str, code: int = 0) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class MetaOptions:
    """What the settings say, and where Meta should deliver, if that is known."""

    graph_url: str
    phone_number_id: str
    access_token: str = field(repr=False)
    app_secret: str = field(repr=False)
    app_id: str | None = None
    webhook_url: str | None = None
    version: str = DEFAULT_GRAPH_VERSION


class MetaCheck:
    """Goes from the token to the subscriptions, as far as each step allows the next."""

    def __init__(self, http: httpx.Client, options: MetaOptions) -> None:
        self._http = http
        self._options = options
        self._base_url = f"{options.graph_url.rstrip('/')}/{options.version}"
        self._app_id = options.app_id
        self._account_id: str | None = None
        self._served_version = options.version

    def run(self) -> Iterator[Finding]:
        """Yield what was found; a failure of Meta's ends the step, not the check."""
        try:
            yield from self._check_token()
        except GraphFailure as failure:
            if failure.code == 0:
                yield wrong(texts.META_AWAY.format(reason=failure))
                return
            if failure.code in _NO_TOKEN_CODES:
                yield wrong(texts.ACCESS_REFUSED.format(reason=failure))
                return
            yield note(texts.ACCESS_NOT_SHOWN.format(reason=failure))
        for check in (
            self._check_app_secret,
            self._check_number,
            self._check_health,
            self._check_account_subscription,
            self._check_app_subscription,
        ):
            try:
                yield from check()
            except GraphFailure as failure:
                yield wrong(texts.META_REFUSED.format(reason=failure))
        asked = self._options.version
        if self._served_version != asked:
            yield note(texts.VERSION_ENDED.format(asked=asked, served=self._served_version))

    def _check_token(self) -> Iterator[Finding]:
        token = self._options.access_token
        data = self._get("debug_token", input_token=token).get("data", {})
        if data.get("is_valid") is not True:
            reason = data.get("error", {}).get("message", "is_valid=false")
            raise GraphFailure(self._without_secrets(reason), _NO_TOKEN_CODES[-1])
        self._app_id = self._app_id or data.get("app_id")
        scopes = data.get("scopes", [])
        if _SENDING not in scopes:
            yield wrong(texts.PERMISSION_MISSING.format(permission=_SENDING))
        elif _MANAGEMENT not in scopes:
            yield note(texts.PERMISSION_MISSING.format(permission=_MANAGEMENT))
        expires_at = data.get("expires_at", 0)
        if expires_at:
            until = datetime.fromtimestamp(expires_at, UTC).strftime("%Y-%m-%d %H:%M UTC")
            yield note(texts.ACCESS_EXPIRES.format(until=until))
        elif {_SENDING, _MANAGEMENT} <= set(scopes):
            yield well(texts.ACCESS_WELL)
        for granted in data.get("granular_scopes", []):
            if granted.get("scope") == _MANAGEMENT and len(granted.get("target_ids", [])) == 1:
                self._account_id = granted["target_ids"][0]

    def _check_app_secret(self) -> Iterator[Finding]:
        secret, token = self._options.app_secret, self._options.access_token
        if not secret:
            return
        proof = hmac.new(secret.encode(), token.encode(), hashlib.sha256).hexdigest()
        try:
            self._get("me", fields="id", appsecret_proof=proof)
        except GraphFailure as failure:
            if "appsecret_proof" not in str(failure):
                raise
            yield wrong(texts.APP_KEY_WRONG)
        else:
            yield well(texts.APP_KEY_WELL)

    def _check_number(self) -> Iterator[Finding]:
        number_id = self._options.phone_number_id
        try:
            number = self._get(number_id, fields=_NUMBER_FIELDS)
        except GraphFailure as failure:
            yield wrong(texts.NUMBER_NOT_FOUND.format(id=number_id, reason=failure))
            return
        name, phone = number.get("verified_name", "?"), number.get("display_phone_number", "?")
        status = number.get("status")
        if status == "CONNECTED":
            yield well(texts.NUMBER_WELL.format(phone=phone, name=name))
        else:
            yield wrong(texts.NUMBER_NOT_CONNECTED.format(phone=phone, name=name, status=status))
        if number.get("quality_rating") in ("YELLOW", "RED"):
            yield note(texts.QUALITY.format(rating=number["quality_rating"]))
        if number.get("name_status") in ("DECLINED", "EXPIRED"):
            yield note(texts.NAME_REFUSED.format(name=name, status=number["name_status"]))

    def _check_health(self) -> Iterator[Finding]:
        try:
            answer = self._get(self._options.phone_number_id, fields="health_status")
        except GraphFailure:
            # The number itself was looked at before.
            return
        health = answer.get("health_status", {})
        for entity in health.get("entities", []):
            kind = entity.get("entity_type")
            if kind == "WABA":
                self._account_id = entity.get("id")
            if entity.get("can_send_message") == "AVAILABLE":
                continue
            reasons = [
                f"{error.get('error_description', '')} {error.get('possible_solution', '')}".strip()
                for error in entity.get("errors", [])
            ] + entity.get("additional_info", [])
            found = wrong if entity.get("can_send_message") == "BLOCKED" else note
            yield found(
                texts.HEALTH.format(
                    kind=kind, status=entity.get("can_send_message"), reason=" ".join(reasons)
                )
            )

    def _check_account_subscription(self) -> Iterator[Finding]:
        if self._account_id is None:
            yield note(texts.ACCOUNT_UNKNOWN)
            return
        answer = self._get(f"{self._account_id}/subscribed_apps")
        apps = {
            app.get("whatsapp_business_api_data", {}).get("id"): app
            for app in answer.get("data", [])
        }
        if self._app_id is None and len(apps) == 1:
            self._app_id = next(iter(apps))
        ours = apps.get(self._app_id)
        if ours is None:
            yield wrong(texts.ACCOUNT_NOT_SUBSCRIBED.format(account=self._account_id))
            return
        override = ours.get("override_callback_uri")
        if override and self._options.webhook_url and override != self._options.webhook_url:
            yield wrong(
                texts.DELIVERED_ELSEWHERE.format(where=override, url=self._options.webhook_url)
            )
            return
        yield well(texts.ACCOUNT_SUBSCRIBED.format(account=self._account_id))

    def _check_app_subscription(self) -> Iterator[Finding]:
        if self._app_id is None or not self._options.app_secret:
            yield note(texts.APP_UNKNOWN)
            return
        app_token = f"{self._app_id}|{self._options.app_secret}"
        try:
            answer = self._get(f"{self._app_id}/subscriptions", token=app_token)
        except GraphFailure as failure:
            if failure.code == 0:
                raise
            yield wrong(texts.APP_REFUSED.format(app=self._app_id, code=failure.code))
            return
        yield _subscription(answer.get("data", []), self._options.webhook_url)

    def _get(self, path: str, *, token: str | None = None, **parameters: str) -> Answer:
        """Return Meta's answer.

        Raises:
            GraphFailure: there was none, or it is an error.
        """
        try:
            response = self._http.get(
                f"{self._base_url}/{path}",
                params=parameters,
                headers={"Authorization": f"Bearer {token or self._options.access_token}"},
            )
            answer = response.json()
        except httpx.HTTPError as error:
            raise GraphFailure(type(error).__name__) from error
        except ValueError as error:
            raise GraphFailure(f"HTTP {response.status_code}") from error
        self._served_version = response.headers.get("facebook-api-version", self._served_version)
        if not isinstance(answer, dict) or "error" in answer or not response.is_success:
            refusal = answer.get("error", {}) if isinstance(answer, dict) else {}
            message = refusal.get("message", f"HTTP {response.status_code}")
            raise GraphFailure(self._without_secrets(message), refusal.get("code", 0))
        return answer

    def _without_secrets(self, message: str) -> str:
        """Return Meta's message without the token, which it repeats if it cannot read it."""
        for secret in (self._options.access_token, self._options.app_secret):
            message = message.replace(secret, "…") if secret else message
        return message


def _subscription(subscriptions: Sequence[Answer], webhook_url: str | None) -> Finding:
    """Return what is to be said of the app's subscription to the accounts' events."""
    ours = next((s for s in subscriptions if s.get("object") == _ACCOUNT), None)
    if ours is None or ours.get("active") is not True:
        return wrong(texts.APP_NOT_SUBSCRIBED)
    names = [f.get("name") if isinstance(f, dict) else f for f in ours.get("fields", [])]
    if "messages" not in names:
        return wrong(texts.MESSAGES_NOT_SUBSCRIBED)
    callback_url = ours.get("callback_url", "")
    if webhook_url is not None and callback_url.rstrip("/") != webhook_url:
        return wrong(texts.DELIVERED_ELSEWHERE.format(where=callback_url, url=webhook_url))
    return well(texts.APP_SUBSCRIBED.format(url=callback_url))
