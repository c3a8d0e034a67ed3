"""From a bearer token to an identity, as AUTH_MODE says."""

import hmac

import httpx

from app.core.config import Settings
from app.core.service.auth.identity import ANYBODY, Identity, unauthorized
from app.core.service.auth.jwt_verifier import JwtVerifier
from app.core.settings.access import AuthMode
from domain.exceptions.business_exception import BusinessException


class AuthService:
    """Checks credentials; `none` trusts the user id in the request and is for development."""

    def __init__(self, settings: Settings, http: httpx.AsyncClient) -> None:
        self._mode = settings.auth_mode
        self._users = {key.encode(): user for key, user in settings.api_key_users().items()}
        self._jwt = JwtVerifier(
            http,
            jwks_url=settings.auth_jwks_url or "",
            issuer=settings.auth_jwt_issuer or "",
            audience=settings.auth_jwt_audience or "",
        )

    async def authenticate(self, token: str | None) -> Identity:
        """Return for whom the token speaks.

        Raises:
            BusinessException: `unauthorized`, or `issuer_unavailable`.
        """
        if self._mode is AuthMode.NONE:
            return ANYBODY
        if not token:
            raise unauthorized()
        if self._mode is AuthMode.JWT:
            verified = await self._jwt.verify(token)
            return Identity(verified.subject, verified.expires_at)
        return self._identity_of_key(token.encode("utf-8", "surrogateescape"))

    @property
    def has_roles(self) -> bool:
        """Whether tokens can bear roles."""
        return self._mode is AuthMode.JWT

    async def subject_with_role(self, token: str, role: str) -> str | None:
        """Return the user of a valid token that bears the role, else None.

        Raises:
            BusinessException: `issuer_unavailable`.
        """
        if not self.has_roles:
            return None
        try:
            verified = await self._jwt.verify(token)
        except BusinessException as error:
            if error.code != "unauthorized":
                raise
            return None
        return verified.subject if role in verified.roles else None

    def _identity_of_key(self, presented: bytes) -> Identity:
        # Every key is compared, in constant time: the time tells nothing about which one is close.
        users = [u for key, u in self._users.items() if hmac.compare_digest(key, presented)]
        if not users:
            raise unauthorized()
        return ANYBODY if users[0] == "*" else Identity(users[0])
