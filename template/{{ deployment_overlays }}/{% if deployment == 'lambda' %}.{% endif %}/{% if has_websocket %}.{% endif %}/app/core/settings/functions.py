"""Settings of the Lambda functions; the stack sets them, and a bot on its own does without."""

from app.core.settings.access import AccessSettings
from app.core.settings.core import Url


class FunctionSettings(AccessSettings):
    """How the functions reach the clients that are connected, and each other."""

    socket_callback_url: Url = "https://not-connected.invalid"
    turn_function_name: str = ""
