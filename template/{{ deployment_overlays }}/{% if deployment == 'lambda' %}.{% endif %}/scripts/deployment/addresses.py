"""Where an emulated AWS serves the stack's APIs."""

from collections.abc import Mapping


def execute_api_url(emulator_url: str) -> str:
    """Return what the addresses of all APIs begin with."""
    return f"{emulator_url}/_aws/execute-api"


def http_url(outputs: Mapping[str, str], emulator_url: str) -> str:
    """Return the address of the HTTP API."""
    return f"{execute_api_url(emulator_url)}/{outputs['HttpApiId']}/$default"


def at(url: str, outputs: Mapping[str, str]) -> dict[str, str]:
    """Return the outputs with addresses at this URL."""
    path_of = {"HttpUrl": "", "WebhookUrl": "/webhook/whatsapp"}
    return {n: url + path_of[n] if n in path_of else value for n, value in outputs.items()}


def reachable(outputs: Mapping[str, str], emulator_url: str) -> dict[str, str]:
    """Return a stack's outputs with addresses that can be reached from here."""
    return at(http_url(outputs, emulator_url), outputs)
