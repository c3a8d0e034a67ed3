"""Showing a message as read and the bot as typing while a reply is made."""

import asyncio
from contextlib import suppress
from types import TracebackType
from typing import Self

import structlog

from app.core.service.whatsapp.whatsapp_service import WhatsAppService
from domain.exceptions.whatsapp import GraphError

logger = structlog.get_logger(__name__)

# Meta takes the indicator away after 25 seconds.
_REPEAT_SECONDS = 20.0
# An indicator that arrived after its reply would stand there for 25 seconds.
_LATE_SECONDS = 1.0


class TypingIndicator:
    """Stands from `show` to the end of the context; its failures delay and break nothing."""

    def __init__(self, whatsapp: WhatsAppService, message_id: str) -> None:
        self._whatsapp = whatsapp
        self._message_id = message_id
        self._shown = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._task is None:
            return
        try:
            if kind is None:
                with suppress(TimeoutError):
                    async with asyncio.timeout(_LATE_SECONDS):
                        await self._shown.wait()
        finally:
            self._task.cancel()
            await asyncio.wait([self._task])

    def show(self) -> None:
        """Show it, if it is not shown yet."""
        if self._task is None:
            self._task = asyncio.create_task(self._keep())

    async def _keep(self) -> None:
        while True:
            try:
                await self._whatsapp.mark_as_read_with_typing(self._message_id)
            except GraphError as error:
                logger.debug("whatsapp_read_mark_failed", reason=str(error))
            self._shown.set()
            await asyncio.sleep(_REPEAT_SECONDS)
