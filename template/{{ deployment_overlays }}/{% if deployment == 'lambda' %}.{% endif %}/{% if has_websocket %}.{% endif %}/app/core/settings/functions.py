"""Settings of the Lambda functions; the stack sets them, and a bot on its own does without."""

from pydantic import Field

from app.core.settings.core import Url
from app.core.settings.sockets import SocketSettings


class FunctionSettings(SocketSettings):
    """How the functions reach the clients that are connected, and each other."""

    # API Gateway closes a connection after 10 minutes of silence whatever stands here.
    socket_idle_seconds: int = Field(600, ge=0, le=600)
    socket_callback_url: Url = "https://not-connected.invalid"
    turn_function_name: str = ""
