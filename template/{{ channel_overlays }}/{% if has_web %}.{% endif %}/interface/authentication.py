"""Who calls over HTTP, as a parameter of the endpoints."""

from typing import Annotated

from fastapi import Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from app.core.service.auth.auth_service import AuthService
from app.core.service.auth.identity import Identity
from interface.dependencies import Container

_bearer = HTTPBearer(auto_error=False, description="API key or JSON Web Token, as AUTH_MODE says")


async def get_auth_service(container: Container) -> AuthService:
    """Return the service that checks credentials."""
    service: AuthService = container.services.auth_service()
    return service


TheAuthService = Annotated[AuthService, Depends(get_auth_service)]


async def authenticate(
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
    auth_service: TheAuthService,
) -> Identity:
    """Return for whom the request's bearer token speaks."""
    return await auth_service.authenticate(credentials.credentials if credentials else None)


Caller = Annotated[Identity, Depends(authenticate)]
