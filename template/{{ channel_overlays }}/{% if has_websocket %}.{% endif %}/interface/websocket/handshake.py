"""How a client authenticates at the handshake."""

from collections.abc import Sequence

from app.core.service.auth.auth_service import AuthService
from app.core.service.auth.identity import Identity

# Browsers cannot set a header on a socket; the token travels as a subprotocol and is echoed.
_BEARER_SUBPROTOCOL = "bearer."


def bearer_subprotocol(offered: Sequence[str]) -> str | None:
    """Return the subprotocol that carries a token, if one of those offered does."""
    return next((name for name in offered if name.startswith(_BEARER_SUBPROTOCOL)), None)


async def authenticate(
    auth_service: AuthService, subprotocol: str | None, authorization: str
) -> Identity:
    """Return for whom the client speaks, by its subprotocol or else its Authorization header.

    Raises:
        BusinessException: `unauthorized`.
    """
    if subprotocol is not None:
        return await auth_service.authenticate(subprotocol.removeprefix(_BEARER_SUBPROTOCOL))
    scheme, _, token = authorization.partition(" ")
    return await auth_service.authenticate(token if scheme.lower() == "bearer" else None)
