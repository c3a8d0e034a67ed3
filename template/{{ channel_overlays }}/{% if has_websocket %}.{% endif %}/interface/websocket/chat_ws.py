"""The socket `/ws/chat/completions`: the handshake, then one connection."""

import logging
from typing import Annotated

import structlog
from fastapi import APIRouter, Depends, WebSocket
from starlette.responses import JSONResponse

from app.core.observability.socket_metrics import SocketMetrics
from app.core.service.chat.chat_following import ChatFollowing
from app.core.service.feedback.feedback_service import FeedbackService
from domain.exceptions.business_exception import BusinessException
from interface.authentication import TheAuthService
from interface.dependencies import Container, TheChatService, TheMetrics, TheSettings
from interface.websocket import texts
from interface.websocket.chat_connection import ChatConnection
from interface.websocket.handshake import authenticate, bearer_subprotocol
from interface.websocket.open_sockets import OpenSockets
from interface.websocket.origins import is_allowed

logger = structlog.get_logger(__name__)

SOCKET_PATH = "/ws/chat/completions"

router = APIRouter()


async def _chat_following(container: Container) -> ChatFollowing:
    return ChatFollowing(container.repositories.chat_repository())


async def _open_sockets(
    websocket: WebSocket, settings: TheSettings, metrics: TheMetrics
) -> OpenSockets:
    state = websocket.app.state
    if not hasattr(state, "open_sockets"):
        state.open_sockets = OpenSockets(
            SocketMetrics(metrics), settings.max_sockets, settings.max_sockets_per_user
        )
    sockets: OpenSockets = state.open_sockets
    return sockets


async def _feedback_service(container: Container) -> FeedbackService:
    service: FeedbackService = container.services.feedback_service()
    return service


TheChatFollowing = Annotated[ChatFollowing, Depends(_chat_following)]
TheFeedbackService = Annotated[FeedbackService, Depends(_feedback_service)]
TheOpenSockets = Annotated[OpenSockets, Depends(_open_sockets)]


@router.websocket(SOCKET_PATH)
async def chat(
    websocket: WebSocket,
    settings: TheSettings,
    auth_service: TheAuthService,
    chat_service: TheChatService,
    following: TheChatFollowing,
    feedback_service: TheFeedbackService,
    sockets: TheOpenSockets,
) -> None:
    """Authenticate at the handshake, then serve the conversation until the client leaves."""
    headers = websocket.headers
    if not is_allowed(headers.get("origin"), headers.get("host"), settings.allowed_origins):
        await _refuse(websocket, sockets, 403, "origin_not_allowed", texts.ORIGIN_NOT_ALLOWED)
        return
    subprotocol = bearer_subprotocol(websocket.scope.get("subprotocols", []))
    try:
        identity = await authenticate(auth_service, subprotocol, headers.get("authorization", ""))
    except BusinessException as error:
        status = 401 if error.code == "unauthorized" else 503
        await _refuse(websocket, sockets, status, error.code, error.message)
        return
    connection = ChatConnection(
        websocket,
        chat_service,
        following,
        feedback_service,
        identity,
        settings.socket_idle_seconds,
    )
    try:
        with sockets.place(identity.user_id):
            await websocket.accept(subprotocol=subprotocol)
            await connection.serve()
    except BusinessException as error:
        await _refuse(websocket, sockets, 503, error.code, error.message)


async def _refuse(
    websocket: WebSocket, sockets: OpenSockets, status: int, code: str, message: str
) -> None:
    # uvicorn logs each refused handshake as an error of the bot, which it is not.
    logging.getLogger("uvicorn.error").addFilter(_is_no_refusal)
    logger.info("socket_refused", code=code)
    sockets.count_refused(code)
    await websocket.send_denial_response(
        JSONResponse({"code": code, "detail": message}, status_code=status)
    )


def _is_no_refusal(record: logging.LogRecord) -> bool:
    return record.msg != "ASGI callable returned without completing handshake."
