"""How often the log repeats what Langfuse's SDK says while Langfuse is away."""

import logging

import pytest

from infra.tracing import sdk_logs


def test_the_same_message_is_let_through_once_for_a_while(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(sdk_logs, "_LOGGERS", ("an.sdk",))
    now = [100.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    for _ in range(2):
        # Each client asks for it.
        sdk_logs.say_seldom()
    logger = logging.getLogger("an.sdk")
    for batch in range(3):
        logger.error("Failed to export %s batch", batch)
    logger.error("Queue full")
    now[0] += sdk_logs._SAME_AGAIN_SECONDS
    logger.error("Failed to export %s batch", 3)
    assert caplog.messages == ["Failed to export 0 batch", "Queue full", "Failed to export 3 batch"]
