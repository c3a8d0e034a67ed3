"""The webhook that Meta calls: its verification, and deliveries of messages."""

import asyncio
import hmac
from typing import Annotated

import structlog
from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from starlette.requests import ClientDisconnect

from app.core.service.whatsapp.signature import SIGNATURE_HEADER, is_authentic, is_well_formed
from app.core.service.whatsapp.whatsapp_chat_service import WhatsAppChatService
from domain.dto.whatsapp_delivery import read_delivery
from domain.exceptions.storage import StorageError
from domain.exceptions.whatsapp import InvalidDelivery, QueueUnavailable
from interface.api.problems import problem
from interface.dependencies import Container, TheSettings

logger = structlog.get_logger(__name__)

router = APIRouter(prefix="/webhook/whatsapp", include_in_schema=False)

# Meta delivers up to 3 MB at once; the rest is for whoever counts a megabyte differently.
MAX_DELIVERY_BYTES = 3 * 1024 * 1024 + 64 * 1024
_READ_SECONDS = 15
# Meta counts an answer after more than a few seconds as none, and delivers again.
_RECORD_SECONDS = 10


async def _channel(container: Container) -> WhatsAppChatService:
    channel: WhatsAppChatService = container.whatsapp.whatsapp_chat_service()
    return channel


Channel = Annotated[WhatsAppChatService, Depends(_channel)]


@router.get("")
async def verify(request: Request, settings: TheSettings) -> Response:
    """Prove to Meta's dashboard that this webhook is ours, by echoing its challenge."""
    expected = settings.whatsapp_verify_token.get_secret_value().encode()
    query = request.query_params
    # A query may hold what UTF-8 cannot; it must be refused like any other wrong token.
    tokens = [token.encode("utf-8", "replace") for token in query.getlist("hub.verify_token")]
    is_ours = bool(expected) and len(tokens) == 1 and hmac.compare_digest(tokens[0], expected)
    challenge = query.get("hub.challenge", "")
    if not is_ours or query.get("hub.mode") != "subscribe" or not challenge:
        reason = (
            "the token or the mode is wrong" if expected else "WHATSAPP_VERIFY_TOKEN is not set"
        )
        logger.warning("whatsapp_verification_refused", reason=reason)
        return problem("forbidden", "The verification was refused.", 403)
    return PlainTextResponse(challenge)


@router.post("")
async def receive(request: Request, settings: TheSettings, channel: Channel) -> Response:
    """Record a delivery's messages, then acknowledge; they are answered in the background."""
    app_secret = settings.whatsapp_app_secret.get_secret_value()
    signature = request.headers.get(SIGNATURE_HEADER, "")
    if not app_secret:
        logger.error(
            "whatsapp_delivery_refused", reason="WHATSAPP_APP_SECRET is not set: nothing is trusted"
        )
        return problem("forbidden", "The delivery cannot be verified.", 403)
    if not is_well_formed(signature):
        return _refused_signature("no well-formed signature")
    try:
        async with asyncio.timeout(_READ_SECONDS):
            body = await _read_body(request)
    except TimeoutError:
        return problem("request_timeout", "The body did not arrive in time.", 408)
    except ClientDisconnect:
        return problem("bad_request", "The body did not arrive.", 400)
    if body is None:
        return problem("content_too_large", f"The limit is {MAX_DELIVERY_BYTES} bytes.", 413)
    if not is_authentic(app_secret, body, signature):
        return _refused_signature("the signature does not match")
    try:
        delivery = read_delivery(body)
    except InvalidDelivery as error:
        logger.warning("whatsapp_delivery_refused", reason=str(error))
        return problem("invalid_json", "The body is not a JSON object that can be read.", 400)
    other_numbers = delivery.receivers - {settings.whatsapp_phone_number_id}
    if other_numbers:
        logger.warning("whatsapp_other_number", phone_number_ids=sorted(other_numbers))
    try:
        async with asyncio.timeout(_RECORD_SECONDS):
            await channel.accept(delivery)
    except (StorageError, QueueUnavailable, TimeoutError) as error:
        logger.warning("whatsapp_delivery_not_recorded", reason=str(error) or "too slow")
        return problem("storage_unavailable", "The delivery was not recorded.", 503)
    return JSONResponse({"status": "ok"})


def _refused_signature(reason: str) -> Response:
    logger.warning("whatsapp_delivery_refused", reason=reason)
    return problem("forbidden", "The signature was refused.", 403)


async def _read_body(request: Request) -> bytes | None:
    """Return the raw body, None if it is too large; no more than the limit is ever held."""
    announced = request.headers.get("Content-Length", "")
    if announced.isdecimal() and int(announced) > MAX_DELIVERY_BYTES:
        return None
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_DELIVERY_BYTES:
            return None
    return bytes(body)
