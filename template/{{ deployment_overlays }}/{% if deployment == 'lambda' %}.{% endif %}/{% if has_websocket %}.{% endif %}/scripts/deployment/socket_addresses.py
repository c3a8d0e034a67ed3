"""Where an emulated AWS serves the WebSocket API, too."""

from collections.abc import Mapping

from scripts.deployment import addresses

SOCKET_PATH = "/ws/chat/completions"


def socket_url(outputs: Mapping[str, str], emulator_url: str) -> str:
    """Return the address of the WebSocket API."""
    api = f"{addresses.execute_api_url(emulator_url)}/{outputs['SocketApiId']}/chat"
    return f"ws{api.removeprefix('http')}"


def at(url: str, outputs: Mapping[str, str]) -> dict[str, str]:
    """Return the outputs with addresses at this URL."""
    socket = f"ws{url.removeprefix('http')}{SOCKET_PATH}"
    return {**addresses.at(url, outputs), "SocketUrl": socket}


def reachable(outputs: Mapping[str, str], emulator_url: str) -> dict[str, str]:
    """Return a stack's outputs with addresses that can be reached from here."""
    socket = socket_url(outputs, emulator_url)
    return {**addresses.reachable(outputs, emulator_url), "SocketUrl": socket}
