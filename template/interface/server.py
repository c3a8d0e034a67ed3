"""The web server: uvicorn, which on its own would cut running turns off when it is asked to stop."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
import uvicorn
from fastapi import FastAPI

from app.dependency_injection.application_container import ApplicationContainer

logger = structlog.get_logger(__name__)

# A frame above this closes the socket (code 1009); a smaller one that is too large is answered.
_MAX_FRAME_BYTES = 2 * 1024 * 1024
_SHUTDOWN_SECONDS = 10


class Server(uvicorn.Server):
    """Lets the running turns finish before it closes the connections."""

    def __init__(self, container: ApplicationContainer, app: FastAPI) -> None:
        settings = container.settings()
        super().__init__(
            uvicorn.Config(
                app,
                host=settings.host,
                port=settings.port,
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                ws_max_size=_MAX_FRAME_BYTES,
                # Compression costs 38 KiB for each idle connection and saves little on chat.
                ws_per_message_deflate=False,
                timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
            )
        )
        self._container = container

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        with super().capture_signals():
            yield
            # uvicorn would raise the signal again here and end the process before its parts close.
            self._captured_signals.clear()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            settings = self._container.settings()
            logger.info(
                "listening",
                url=f"http://{settings.host}:{self._port()}",
                llm_provider=settings.llm_provider,
            )

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await self._container.services.chat_service().drain()
        await super().shutdown(sockets)

    def _port(self) -> int:
        """Return the port in use, which with PORT=0 the system chose."""
        return int(self.servers[0].sockets[0].getsockname()[1])
