"""Settings of the Lambda functions; the stack sets them, and a bot on its own does without."""

from app.core.settings.core import Url
from app.core.settings.sockets import SocketSettings


class FunctionSettings(SocketSettings):
    """How the functions reach the clients that are connected, and each other."""

    socket_callback_url: Url = "https://not-connected.invalid"
    turn_function_name: str = ""
