"""Until the bot's parts run."""

import asyncio

from starlette.types import ASGIApp, Receive, Scope, Send


class StartGate:
    """Answers /health from the first moment; whatever else comes waits until the gate opens.

    The parts either start, each within its time, or end the process: nothing waits for ever.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._opened = asyncio.Event()

    @property
    def is_open(self) -> bool:
        """Whether the parts run."""
        return self._opened.is_set()

    def open(self) -> None:
        """Let everything through."""
        self._opened.set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] != "/health":
            await self._opened.wait()
        await self._app(scope, receive, send)
