"""The socket `/ws/chat/completions`: the handshake, then one connection."""

import logging
from typing import Annotated

from fastapi import APIRouter, Depends, WebSocket
from starlette.responses import JSONResponse

from app.core.service.auth.auth_service import AuthService
from app.core.service.auth.identity import Identity
from app.core.service.chat.chat_following import ChatFollowing
from domain.exceptions.business_exception import BusinessException
from interface.authentication import TheAuthService
from interface.dependencies import Container, TheChatService, TheSettings
from interface.websocket import texts
from interface.websocket.chat_connection import ChatConnection
from interface.websocket.origins import is_allowed

router = APIRouter()


# Browsers cannot set a header on a socket; the token travels as a subprotocol and is echoed.
_BEARER_SUBPROTOCOL = "bearer."


async def _chat_following(container: Container) -> ChatFollowing:
    return ChatFollowing(container.repositories.chat_repository())


TheChatFollowing = Annotated[ChatFollowing, Depends(_chat_following)]


@router.websocket("/ws/chat/completions")
async def chat(
    websocket: WebSocket,
    settings: TheSettings,
    auth_service: TheAuthService,
    chat_service: TheChatService,
    following: TheChatFollowing,
) -> None:
    """Authenticate at the handshake, then serve the conversation until the client leaves."""
    headers = websocket.headers
    if not is_allowed(headers.get("origin"), headers.get("host"), settings.allowed_origins):
        await _refuse(websocket, 403, "origin_not_allowed", texts.ORIGIN_NOT_ALLOWED)
        return
    subprotocol = _bearer_subprotocol(websocket)
    try:
        identity = await _authenticate(websocket, subprotocol, auth_service)
    except BusinessException as error:
        await _refuse(websocket, 401, error.code, error.message)
        return
    await websocket.accept(subprotocol=subprotocol)
    await ChatConnection(websocket, chat_service, following, identity).serve()


async def _authenticate(
    websocket: WebSocket, subprotocol: str | None, auth_service: AuthService
) -> Identity:
    if subprotocol is not None:
        return await auth_service.authenticate(subprotocol.removeprefix(_BEARER_SUBPROTOCOL))
    scheme, _, token = websocket.headers.get("authorization", "").partition(" ")
    return await auth_service.authenticate(token if scheme.lower() == "bearer" else None)


def _bearer_subprotocol(websocket: WebSocket) -> str | None:
    offered: list[str] = websocket.scope.get("subprotocols", [])
    return next((name for name in offered if name.startswith(_BEARER_SUBPROTOCOL)), None)


async def _refuse(websocket: WebSocket, status: int, code: str, message: str) -> None:
    # uvicorn logs each refused handshake as an error of the bot, which it is not.
    logging.getLogger("uvicorn.error").addFilter(_is_no_refusal)
    await websocket.send_denial_response(
        JSONResponse({"code": code, "detail": message}, status_code=status)
    )


def _is_no_refusal(record: logging.LogRecord) -> bool:
    return record.msg != "ASGI callable returned without completing handshake."
