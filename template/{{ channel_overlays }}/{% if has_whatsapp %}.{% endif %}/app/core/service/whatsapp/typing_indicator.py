"""Showing a message as read and the bot as typing while a reply is made."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import structlog

from app.core.service.whatsapp.whatsapp_service import WhatsAppService
from domain.exceptions.whatsapp import GraphError

logger = structlog.get_logger(__name__)

# Meta takes the indicator away after 25 seconds.
_REPEAT_SECONDS = 20.0
# An indicator that arrived after its reply would stand there for 25 seconds.
_LATE_SECONDS = 1.0


@asynccontextmanager
async def typing(whatsapp: WhatsAppService, message_id: str) -> AsyncIterator[None]:
    """Show the indicator inside the context; its failures delay and break nothing."""
    shown = asyncio.Event()
    task = asyncio.create_task(_keep_typing(whatsapp, message_id, shown))
    try:
        yield
        with suppress(TimeoutError):
            async with asyncio.timeout(_LATE_SECONDS):
                await shown.wait()
    finally:
        task.cancel()
        await asyncio.wait([task])


async def _keep_typing(whatsapp: WhatsAppService, message_id: str, shown: asyncio.Event) -> None:
    while True:
        try:
            await whatsapp.mark_as_read_with_typing(message_id)
        except GraphError as error:
            logger.debug("whatsapp_read_mark_failed", reason=str(error))
        shown.set()
        await asyncio.sleep(_REPEAT_SECONDS)
