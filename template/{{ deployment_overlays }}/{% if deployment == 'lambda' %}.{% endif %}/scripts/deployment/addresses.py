"""Where an emulated AWS serves the stack's APIs."""

from collections.abc import Mapping
from urllib.parse import urlsplit

# The outputs of the stack that lead to it.
_OF_HTTP_API = ("HttpUrl", "WebhookUrl")


def execute_api_url(emulator_url: str) -> str:
    """Return what the addresses of all APIs begin with."""
    return f"{emulator_url}/_aws/execute-api"


def http_url(outputs: Mapping[str, str], emulator_url: str) -> str:
    """Return the address of the HTTP API."""
    return f"{execute_api_url(emulator_url)}/{outputs['HttpApiId']}/$default"


def at(url: str, outputs: Mapping[str, str]) -> dict[str, str]:
    """Return the outputs with addresses at this URL."""
    return {n: url + urlsplit(v).path if n in _OF_HTTP_API else v for n, v in outputs.items()}


def reachable(outputs: Mapping[str, str], emulator_url: str) -> dict[str, str]:
    """Return a stack's outputs with addresses that can be reached from here."""
    return at(http_url(outputs, emulator_url), outputs)
