"""Where the emulated AWS serves what a stack's outputs name."""

import pytest

from scripts.deployment.addresses import reachable

EMULATOR = "http://127.0.0.1:4566"
HERE = "127.0.0.1:4566/_aws/execute-api/a1b2"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://a1b2.execute-api.us-east-1.amazonaws.com", f"http://{HERE}/$default"),
        ("https://a1b2.execute-api.us-east-1.amazonaws.com/x/y", f"http://{HERE}/$default/x/y"),
        ("https://bot.example.com/x", "https://bot.example.com/x"),
        ("chats-staging", "chats-staging"),
    ],
)
def test_an_api_is_at_a_path_of_the_emulator(address: str, expected: str) -> None:
    assert reachable({"Output": address}, EMULATOR) == {"Output": expected}
