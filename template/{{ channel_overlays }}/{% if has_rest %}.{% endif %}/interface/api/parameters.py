"""What the API's endpoints are given besides the parts that all channels use."""

from typing import Annotated

from fastapi import Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from app.core.ports.chat_storage import ChatStorage
from app.core.service.auth.identity import Identity
from app.core.service.feedback.feedback_service import FeedbackService
from interface.authentication import TheAuthService
from interface.dependencies import Container

_bearer = HTTPBearer(auto_error=False, description="API key or JSON Web Token, as AUTH_MODE says")


async def authenticate(
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
    auth_service: TheAuthService,
) -> Identity:
    """Return for whom the request's bearer token speaks."""
    return await auth_service.authenticate(credentials.credentials if credentials else None)


async def _chat_storage(container: Container) -> ChatStorage:
    storage: ChatStorage = container.repositories.chat_repository()
    return storage


async def _feedback_service(container: Container) -> FeedbackService:
    service: FeedbackService = container.services.feedback_service()
    return service


Caller = Annotated[Identity, Depends(authenticate)]
TheChatStorage = Annotated[ChatStorage, Depends(_chat_storage)]
TheFeedbackService = Annotated[FeedbackService, Depends(_feedback_service)]
