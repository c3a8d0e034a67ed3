"""What Langfuse is sent of a turn, and what it costs the turn when Langfuse is away."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest

from app.core.service.chat.chat_service import ChatService
from app.core.settings_owner import OwnerSettings
from app.dependency_injection.application_container import ApplicationContainer
from app.dependency_injection.lifecycle import running
from domain.dto.chat import ChatRequest
from domain.dto.events import ChatEvent, EndEvent, StartEvent
from tests.support.bedrock_fake import BedrockFake, Failure, Reply, Silence
from tests.support.langfuse_fake import LangfuseFake, Mood, Span
from tests.support.logs import LogLines
from tests.support.plain_agent import PROMPT, make_plain
from tests.support.waiting import eventually

MODULE = "infra.tracing.tracing_client"
SECRET_KEY = "sk-secret"
HELLO = ChatRequest("ana", "Hello!", channel="chat")

Start = Callable[..., AbstractAsyncContextManager[ChatService]]


@pytest.fixture
def langfuse() -> Iterator[LangfuseFake]:
    server = LangfuseFake()
    yield server
    server.close()


@pytest.fixture
def start(
    dynamodb_endpoint: str, table: str, bedrock: BedrockFake, langfuse: LangfuseFake
) -> Start:
    """Starts a bot without a channel that traces; it has sent everything when it has stopped."""

    @asynccontextmanager
    async def start(**changes: str) -> AsyncIterator[ChatService]:
        settings = {
            "aws_endpoint_url_dynamodb": dynamodb_endpoint,
            "aws_endpoint_url_bedrock_runtime": bedrock.url,
            "ddb_table": table,
            "langfuse_host": langfuse.url,
            # The SDK keeps one client for each public key in a process.
            "langfuse_public_key": f"pk-{uuid.uuid4().hex}",
            "langfuse_secret_key": SECRET_KEY,
            **changes,
        }
        container = ApplicationContainer(settings=OwnerSettings.model_validate(settings))
        make_plain(container)
        async with running(container):
            yield container.services.chat_service()

    return start


async def ask(service: ChatService, request: ChatRequest = HELLO) -> list[ChatEvent]:
    return [event async for event in service.run(request)]


def only(spans: list[Span], name: str) -> Span:
    (span,) = [span for span in spans if span.name == name]
    return span


async def test_a_turn_is_a_trace_with_its_user_session_and_model_call(
    start: Start, bedrock: BedrockFake, langfuse: LangfuseFake
) -> None:
    bedrock.will(Reply(text=("Good ", "day."), pause=0.05, input_tokens=30, output_tokens=4))
    async with start(langfuse_public_key="pk-mine") as service:
        events = await ask(service)
    event = events[0]
    assert isinstance(event, StartEvent)
    turn, generation = only(langfuse.spans(), "turn"), only(langfuse.spans(), "respond")
    assert langfuse.credentials() == {f"pk-mine:{SECRET_KEY}"}

    assert turn.attributes["langfuse.observation.type"] == "agent"
    assert turn.attributes["langfuse.observation.input"] == "Hello!"
    assert turn.attributes["langfuse.observation.output"] == "Good day."
    for span in (turn, generation):
        assert span.trace_id.hex() == event.payload()["trace_id"]
        assert span.attributes["session.id"] == event.session.session_id
        assert span.attributes["langfuse.trace.tags"] == ["chat"]
        assert span.json("langfuse.trace.metadata.chat_id") == event.session.chat_id
        assert span.json("langfuse.trace.metadata.message_id") == event.message_id
        assert span.attributes["langfuse.environment"] == "local"

    assert generation.parent_id == turn.span_id
    assert generation.attributes["langfuse.observation.type"] == "generation"
    assert generation.json("langfuse.observation.input") == [
        {"role": "system", "content": PROMPT},
        {"role": "human", "content": "Hello!"},
    ]
    assert generation.attributes["langfuse.observation.output"] == "Good day."
    assert generation.json("langfuse.observation.usage_details") == {"input": 30, "output": 4}
    # Langfuse works the cost out from the model's name.
    assert "claude-sonnet" in generation.attributes["langfuse.observation.model.name"]
    assert turn.started_at <= generation.started_at
    assert generation.ended_at - generation.started_at >= 0.1
    assert generation.json("langfuse.observation.completion_start_time") < iso(generation.ended_at)


def iso(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds + 1))


async def test_each_turn_is_a_trace_and_those_of_a_session_belong_together(
    start: Start, langfuse: LangfuseFake
) -> None:
    async with start() as service:
        first = (await ask(service))[0]
        assert isinstance(first, StartEvent)
        session = first.session
        again = ChatRequest("ana", "More", session.chat_id, session.session_id)
        await ask(service, again)
    turns = [span for span in langfuse.spans() if span.name == "turn"]
    assert len({turn.trace_id for turn in turns}) == 2
    assert {turn.attributes["session.id"] for turn in turns} == {session.session_id}
    assert len({turn.attributes["user.id"] for turn in turns}) == 1


async def test_many_turns_at_once_do_not_mix(start: Start, langfuse: LangfuseFake) -> None:
    requests = [ChatRequest(f"user_{n}", f"I am {n}") for n in range(10)]
    async with start() as service:
        await asyncio.gather(*(ask(service, request) for request in requests))
    spans = langfuse.spans()
    assert len({span.trace_id for span in spans}) == 10
    for trace_id in {span.trace_id for span in spans}:
        turn, generation = (span for span in spans if span.trace_id == trace_id)
        said = turn.attributes["langfuse.observation.input"]
        assert generation.json("langfuse.observation.input")[-1]["content"] == said
        assert turn.attributes["user.id"] == generation.attributes["user.id"]


async def test_personal_data_does_not_leave(
    start: Start, bedrock: BedrockFake, langfuse: LangfuseFake
) -> None:
    bedrock.will(
        Reply(
            text=(
                "I write to ana@exam",
                "ple.org.",
            )
        )
    )
    question = "I am ana@example.org, CPF 123.456.789-09, call (11) 98765-4321"
    async with start() as service:
        await ask(service, ChatRequest("phone_5511987654321", question))
    sent = langfuse.everything()
    for secret in ("ana@example", "123.456", "98765", "5511987654321"):
        assert secret not in sent
    turn = only(langfuse.spans(), "turn")
    assert turn.attributes["langfuse.observation.input"] == (
        "I am <email>, CPF <document>, call <phone>"
    )
    assert turn.attributes["langfuse.observation.output"] == "I write to <email>."


async def test_a_user_has_one_name_for_one_key_and_another_for_another(
    start: Start, langfuse: LangfuseFake
) -> None:
    for secret_key in ("sk-1", "sk-1", "sk-2"):
        async with start(langfuse_secret_key=secret_key) as service:
            await ask(service)
    turns = [span for span in langfuse.spans() if span.name == "turn"]
    first, second, third = (turn.attributes["user.id"] for turn in turns)
    assert first == second != third
    assert "ana" not in first


async def test_a_turn_that_fails_is_a_trace_with_its_error(
    start: Start, bedrock: BedrockFake, langfuse: LangfuseFake
) -> None:
    bedrock.will(Failure("AccessDeniedException", 403))
    async with start() as service:
        await ask(service)
    turn, generation = only(langfuse.spans(), "turn"), only(langfuse.spans(), "respond")
    for span, message in ((turn, "model_refused"), (generation, "ModelRefused")):
        assert span.attributes["langfuse.observation.level"] == "ERROR"
        assert span.attributes["langfuse.observation.status_message"] == message


async def test_a_turn_that_is_cancelled_is_a_trace_that_ends(
    start: Start, bedrock: BedrockFake, langfuse: LangfuseFake
) -> None:
    bedrock.will(Silence())
    async with start() as service:
        asking = asyncio.create_task(ask(service))
        await eventually(lambda: len(bedrock.requests) == 1)
        asking.cancel()
        await asyncio.wait([asking])
    turn = only(langfuse.spans(), "turn")
    for span in (turn, only(langfuse.spans(), "respond")):
        assert span.trace_id == turn.trace_id
        assert span.attributes["langfuse.observation.status_message"] == "cancelled"


@pytest.mark.parametrize("mood", [Mood.FAILING, Mood.SILENT, None])
async def test_langfuse_away_costs_the_user_nothing_and_the_stop_little(
    mood: Mood | None,
    start: Start,
    bedrock: BedrockFake,
    langfuse: LangfuseFake,
    logs: LogLines,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(f"{MODULE}._SEND_TIMEOUT_SECONDS", 1)
    monkeypatch.setattr(f"{MODULE}._FLUSH_TIMEOUT_SECONDS", 2)
    host = langfuse.url
    if mood is None:
        host = "http://127.0.0.1:9"
    else:
        langfuse.mood = mood
    async with start(langfuse_host=host) as service:
        await ask(service)
        started = time.monotonic()
        for _ in range(5):
            assert isinstance((await ask(service))[-1], EndEvent)
        # Had each waited for the time-out, they would have taken five seconds.
        assert time.monotonic() - started < 3
        stopping = time.monotonic()
    assert time.monotonic() - stopping < 4
    assert SECRET_KEY not in logs.text()


@pytest.mark.parametrize(
    "changes", [{"langfuse_public_key": ""}, {"langfuse_secret_key": ""}], ids=["public", "secret"]
)
async def test_without_both_keys_nothing_is_sent(
    changes: dict[str, str], start: Start, langfuse: LangfuseFake, logs: LogLines
) -> None:
    async with start(**changes) as service:
        assert isinstance((await ask(service))[-1], EndEvent)
    assert langfuse.requests == []
    assert "langfuse" not in logs.text().lower()
