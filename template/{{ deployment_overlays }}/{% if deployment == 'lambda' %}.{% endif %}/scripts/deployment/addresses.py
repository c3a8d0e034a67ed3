"""Where an emulated AWS serves API Gateway's APIs."""

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

_EXECUTE_API = re.compile(r"(?P<scheme>\w+)://(?P<api>\w+)\.execute-api\.[^/]+(?P<rest>/.*)?")


def reachable(outputs: Mapping[str, str], emulator_url: str) -> dict[str, str]:
    """Return a stack's outputs, with API Gateway's addresses at the emulator's own."""
    return {name: _at_emulator(value, emulator_url) for name, value in outputs.items()}


def _at_emulator(url: str, emulator_url: str) -> str:
    address = _EXECUTE_API.fullmatch(url)
    if address is None:
        return url
    scheme, path = address["scheme"].removesuffix("s"), address["rest"] or ""
    if scheme == "http":
        # The default stage of an HTTP API is no part of its address in AWS.
        path = f"/$default{path}"
    return f"{scheme}://{urlsplit(emulator_url).netloc}/_aws/execute-api/{address['api']}{path}"
