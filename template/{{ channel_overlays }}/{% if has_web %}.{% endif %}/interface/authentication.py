"""Who calls over HTTP, as a parameter of the endpoints."""

from typing import Annotated

from dependency_injector.wiring import Provide, inject
from fastapi import Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from app.core.service.auth.auth_service import AuthService
from app.core.service.auth.identity import Identity
from app.dependency_injection.application_container import ApplicationContainer

_bearer = HTTPBearer(auto_error=False, description="API key or JSON Web Token, as AUTH_MODE says")


@inject
async def authenticate(
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
    auth_service: Annotated[
        AuthService, Depends(Provide[ApplicationContainer.services.auth_service])
    ],
) -> Identity:
    """Return for whom the request's bearer token speaks."""
    return await auth_service.authenticate(credentials.credentials if credentials else None)


Caller = Annotated[Identity, Depends(authenticate)]
