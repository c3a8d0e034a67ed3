"""Settings of the WebSocket."""

from pydantic import Field

from app.core.settings.access import AccessSettings


class SocketSettings(AccessSettings):
    """How many sockets one process holds, and how long one may be silent; 0 sets no limit."""

    socket_idle_seconds: int = Field(3_600, ge=0)
    max_sockets: int = Field(2_000, ge=0)
    max_sockets_per_user: int = Field(50, ge=0)
