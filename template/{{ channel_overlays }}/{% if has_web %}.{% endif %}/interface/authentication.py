"""The service that tells who calls, as a parameter of the endpoints."""

from typing import Annotated

from fastapi import Depends

from app.core.service.auth.auth_service import AuthService
from interface.dependencies import Container


async def get_auth_service(container: Container) -> AuthService:
    """Return the service that checks credentials."""
    service: AuthService = container.services.auth_service()
    return service


TheAuthService = Annotated[AuthService, Depends(get_auth_service)]
