"""What becomes of the traces of an invocation: afterwards the process is frozen."""

import time
import uuid
from collections.abc import Iterator

import pytest

from app.core.ports.turn_observer import TurnContext, TurnOutcome
from app.dependency_injection.function_container import FunctionContainer
from domain.dto.chat import TokenUsage
from domain.ids import new_id
from interface.aws_lambda.environment import Environment
from tests.support.langfuse_fake import LangfuseFake, Mood

CLIENT = "infra.tracing.tracing_client"


@pytest.fixture
def langfuse(monkeypatch: pytest.MonkeyPatch) -> Iterator[LangfuseFake]:
    server = LangfuseFake()
    monkeypatch.setenv("LANGFUSE_HOST", server.url)
    monkeypatch.setenv("LANGFUSE_PUBLIC_KEY", f"pk-{uuid.uuid4().hex}")
    monkeypatch.setenv("LANGFUSE_SECRET_KEY", "sk-secret")
    # Loggers that were used before would keep what was configured then.
    monkeypatch.setattr("interface.aws_lambda.environment.configure_logs", lambda level: None)
    yield server
    server.close()


async def make_function(container: FunctionContainer) -> FunctionContainer:
    return container


async def a_turn(container: FunctionContainer) -> None:
    turn = TurnContext("ana", new_id("chat"), new_id("sess"), new_id("msg"), "Hi", "rest")
    traced = container.gateways.tracing_client().turn_started(turn)
    traced.ended(TurnOutcome("Hello", TokenUsage(), None))


async def end(container: FunctionContainer) -> None:
    """Leave no thread behind that would log into the next tests."""
    await container.gateways.tracing_client().stop()


def test_an_invocation_ends_when_its_traces_are_sent(langfuse: LangfuseFake) -> None:
    environment = Environment(make_function)
    for invocations in (1, 2):
        environment.run(a_turn)
        assert len(langfuse.spans()) == invocations
    environment.run(end)


def test_a_silent_langfuse_holds_up_one_invocation_for_a_moment_and_the_next_ones_not(
    langfuse: LangfuseFake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"{CLIENT}._FLUSH_SECONDS", 0.5)
    monkeypatch.setattr(f"{CLIENT}._SEND_TIMEOUT_SECONDS", 1)
    langfuse.mood = Mood.SILENT
    environment = Environment(make_function)
    environment.function()
    began = time.monotonic()
    for _ in range(4):
        environment.run(a_turn)
    # Had each waited, it would have been 2 seconds.
    assert 0.5 <= time.monotonic() - began < 1.5
    langfuse.mood = Mood.SERVING
    environment.run(end)
