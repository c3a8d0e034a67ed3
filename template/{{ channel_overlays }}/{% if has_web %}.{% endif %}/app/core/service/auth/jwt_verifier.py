"""JSON Web Tokens checked against the issuer's published keys (RFC 7519, RFC 7517)."""

import asyncio
import json
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import httpx
import jwt
import structlog

from app.core.service.auth.identity import issuer_unavailable, unauthorized

logger = structlog.get_logger(__name__)

# Asymmetric only: with a shared-secret algorithm the public key itself would sign.
_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA")
_KEYS_SECONDS = 600
# Keys that the issuer has not confirmed for this long may have been revoked meanwhile.
_UNCONFIRMED_SECONDS = 24 * 3600
# An unknown key id may be a new key or an attack: ask the issuer, but not more often than this.
_REFETCH_SECONDS = 30
# For the whole of it, however slowly the bytes come.
_FETCH_TIMEOUT_SECONDS = 5
# A hundred keys with their certificates.
_MAX_KEYS_BYTES = 1024 * 1024
_LEEWAY_SECONDS = 30


@dataclass(frozen=True, slots=True)
class VerifiedToken:
    """The user of a token (`sub`), the roles it bears, and until when it is accepted."""

    subject: str
    roles: frozenset[str]
    expires_at: float


class JwtVerifier:
    """Verifies tokens of one issuer for one audience."""

    def __init__(
        self, http: httpx.AsyncClient, *, jwks_url: str, issuer: str, audience: str
    ) -> None:
        self._http = http
        self._jwks_url = jwks_url
        self._issuer = issuer
        self._audience = audience
        self._keys: dict[str, jwt.PyJWK] = {}
        self._fetched_at = float("-inf")
        self._confirmed_at = float("-inf")
        self._fetching = asyncio.Lock()

    async def verify(self, token: str) -> VerifiedToken:
        """Return whom a valid token speaks of.

        Raises:
            BusinessException: `unauthorized`, or `issuer_unavailable` while there are no keys to
                check it with.
        """
        try:
            key = await self._key(str(jwt.get_unverified_header(token).get("kid", "")))
            claims: dict[str, Any] = jwt.decode(
                token,
                key=key,
                algorithms=list(_ALGORITHMS),
                issuer=self._issuer,
                leeway=_LEEWAY_SECONDS,
                options={"require": ["exp", "iss", "sub"], "verify_aud": False},
            )
        except (jwt.PyJWTError, ValueError, KeyError) as error:
            raise unauthorized() from error
        if not self._is_for_us(claims) or not claims["sub"]:
            raise unauthorized()
        expires_at = float(claims["exp"]) + _LEEWAY_SECONDS
        return VerifiedToken(str(claims["sub"]), _roles(claims), expires_at)

    def _is_for_us(self, claims: dict[str, Any]) -> bool:
        audience = claims.get("aud")
        if audience is None:
            # Amazon Cognito's access tokens have no `aud`: they name the app client instead.
            is_access = claims.get("token_use") == "access"
            return is_access and claims.get("client_id") == self._audience
        audiences = [audience] if isinstance(audience, str) else audience
        return isinstance(audiences, list) and self._audience in audiences

    async def _key(self, key_id: str) -> jwt.PyJWK:
        async with self._fetching:
            age = time.monotonic() - self._fetched_at
            if age > _KEYS_SECONDS or (key_id not in self._keys and age > _REFETCH_SECONDS):
                await self._fetch_keys()
        if not self._keys:
            raise issuer_unavailable()
        return self._keys[key_id]

    async def _fetch_keys(self) -> None:
        self._fetched_at = time.monotonic()
        try:
            async with asyncio.timeout(_FETCH_TIMEOUT_SECONDS):
                document = await self._published()
            self._keys = _usable(json.loads(document)["keys"])
        except (
            *(httpx.HTTPError, httpx.InvalidURL, TimeoutError),
            *(ValueError, KeyError, TypeError, RecursionError),
        ) as error:
            # The keys of before go on serving for a while.
            logger.warning("jwks_not_fetched", reason=type(error).__name__)
            if time.monotonic() - self._confirmed_at > _UNCONFIRMED_SECONDS:
                self._keys = {}
            return
        self._confirmed_at = time.monotonic()
        if not self._keys:
            logger.warning("jwks_without_keys", effect="no token can be checked")

    async def _published(self) -> bytes:
        document = bytearray()
        timeout = _FETCH_TIMEOUT_SECONDS
        async with self._http.stream("GET", self._jwks_url, timeout=timeout) as response:
            response.raise_for_status()
            async for data in response.aiter_bytes():
                document += data
                if len(document) > _MAX_KEYS_BYTES:
                    raise ValueError("the issuer's keys are too large")
        return bytes(document)


def _roles(claims: dict[str, Any]) -> frozenset[str]:
    """Return what the usual claims name: `role`, `roles`, and Amazon Cognito's groups."""
    named = [claims.get(name) for name in ("role", "roles", "cognito:groups")]
    lists = [[value] if isinstance(value, str) else value for value in named]
    return frozenset(str(role) for roles in lists if isinstance(roles, list) for role in roles)


def _usable(published: list[Any]) -> dict[str, jwt.PyJWK]:
    """Return the keys by their id; those that are not for signatures, or unknown, are left out."""
    keys: dict[str, jwt.PyJWK] = {}
    for key in published:
        with suppress(jwt.PyJWTError, AttributeError, KeyError, TypeError, ValueError):
            # RFC 7517 section 4.2; a shared secret (`oct`) has no business among published keys.
            if key.get("use", "sig") != "sig" or key["kty"] == "oct":
                continue
            keys[str(key["kid"])] = jwt.PyJWK(key)
    return keys
