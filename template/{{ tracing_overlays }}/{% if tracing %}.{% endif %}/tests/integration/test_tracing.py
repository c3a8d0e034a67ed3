"""What Langfuse is sent of a turn, and what it costs the turn when Langfuse is away."""

import asyncio
import sys
import time
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest
from dependency_injector import providers
from langchain_core.messages import AIMessage

from app.core.service.chat.chat_service import ChatService
from app.core.service.feedback.feedback_service import Feedback, FeedbackService
from app.core.service.llm.graph import prompts
from app.core.service.llm.tool_calls import reported
from app.core.settings.core import GRAPH_PRESET, LANGUAGE
from app.core.settings.tracing import PROMPT_FOLDER
from app.core.settings_owner import OwnerSettings
from app.dependency_injection.application_container import ApplicationContainer
from app.dependency_injection.lifecycle import running
from domain.dto.chat import ChatRequest
from domain.dto.events import ChatEvent, EndEvent, StartEvent
from domain.dto.rating import Rating
from domain.ids import new_id, now_timestamp
from tests.support.bedrock_fake import BedrockFake, Failure, Reply, Silence
from tests.support.bot_folder import BOT_FOLDER
from tests.support.langfuse_fake import LangfuseFake, Mood, Span
from tests.support.logs import LogLines
from tests.support.plain_agent import A_PERSON, PROMPT, PlainAgent, PlainState
from tests.support.plain_container import make_plain
from tests.support.waiting import eventually

CLIENT = "infra.tracing.tracing_client"
CATALOG = "infra.tracing.prompt_catalog"
SECRET_KEY = "sk-secret"
MODEL = "us.anthropic.claude-sonnet-5-5"
HELLO = ChatRequest("ana", "Hello!", channel="chat")

Start = Callable[..., AbstractAsyncContextManager[ApplicationContainer]]


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
    async def start(
        agent: type[PlainAgent] | None = None, **changes: str
    ) -> AsyncIterator[ApplicationContainer]:
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
        if agent is not None:
            services = container.services
            services.orchestrator.override(providers.Singleton(agent, services.chat_model))
        async with running(container):
            yield container

    return start


async def ask(bot: ApplicationContainer, request: ChatRequest = HELLO) -> list[ChatEvent]:
    service: ChatService = bot.services.chat_service()
    return [event async for event in service.run(request)]


def only(spans: list[Span], name: str) -> Span:
    (span,) = [span for span in spans if span.name == name]
    return span


async def test_a_turn_is_a_trace_with_its_user_session_and_model_call(
    start: Start, bedrock: BedrockFake, langfuse: LangfuseFake
) -> None:
    bedrock.will(
        Reply(
            text=("Good ", "day."),
            pause=0.05,
            input_tokens=30,
            output_tokens=4,
            cache_read_tokens=1000,
            cache_write_tokens=200,
        )
    )
    prices = {"model_prices": f"{MODEL}=2/10/0.2/2.5", "bedrock_model_id_chat": MODEL}
    async with start(langfuse_public_key="pk-mine", langfuse_release="1.2", **prices) as bot:
        events = await ask(bot)
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
        assert span.attributes["langfuse.trace.tags"] == [
            "channel:chat",
            f"preset:{GRAPH_PRESET}",
            f"language:{LANGUAGE}",
            "release:1.2",
        ]
        assert span.json("langfuse.trace.metadata.chat_id") == event.session.chat_id
        assert span.json("langfuse.trace.metadata.message_id") == event.message_id
        assert span.attributes["langfuse.environment"] == "local"
        assert span.attributes["langfuse.release"] == "1.2"

    assert generation.parent_id == turn.span_id
    assert generation.attributes["langfuse.observation.type"] == "generation"
    assert generation.json("langfuse.observation.input") == [
        {"role": "system", "content": PROMPT},
        {"role": "human", "content": "Hello!"},
    ]
    assert generation.attributes["langfuse.observation.output"] == "Good day."
    # Each token once: `input` is what passed no cache.
    assert generation.json("langfuse.observation.usage_details") == {
        "input": 30,
        "output": 4,
        "cache_read_input_tokens": 1000,
        "cache_creation_input_tokens": 200,
    }
    assert generation.json("langfuse.observation.cost_details") == pytest.approx(
        {
            "input": 30 * 2e-6,
            "output": 4 * 10e-6,
            "cache_read_input_tokens": 1000 * 0.2e-6,
            "cache_creation_input_tokens": 200 * 2.5e-6,
        }
    )
    assert generation.attributes["langfuse.observation.model.name"] == MODEL
    assert generation.json("langfuse.observation.model.parameters")["max_tokens"] > 0
    assert turn.started_at <= generation.started_at
    assert generation.ended_at - generation.started_at >= 0.1
    assert generation.json("langfuse.observation.completion_start_time") < iso(generation.ended_at)


def iso(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds + 1))


async def test_each_turn_is_a_trace_and_those_of_a_session_belong_together(
    start: Start, langfuse: LangfuseFake
) -> None:
    async with start() as bot:
        first = (await ask(bot))[0]
        assert isinstance(first, StartEvent)
        session = first.session
        again = ChatRequest("ana", "More", session.chat_id, session.session_id)
        await ask(bot, again)
    turns = [span for span in langfuse.spans() if span.name == "turn"]
    assert len({turn.trace_id for turn in turns}) == 2
    assert {turn.attributes["session.id"] for turn in turns} == {session.session_id}
    assert len({turn.attributes["user.id"] for turn in turns}) == 1


async def test_many_turns_at_once_do_not_mix(start: Start, langfuse: LangfuseFake) -> None:
    requests = [ChatRequest(f"user_{n}", f"I am {n}") for n in range(10)]
    async with start() as bot:
        await asyncio.gather(*(ask(bot, request) for request in requests))
    spans = langfuse.spans()
    assert len({span.trace_id for span in spans}) == 10
    for trace_id in {span.trace_id for span in spans}:
        turn, generation = (span for span in spans if span.trace_id == trace_id)
        said = turn.attributes["langfuse.observation.input"]
        assert generation.json("langfuse.observation.input")[-1]["content"] == said
        assert turn.attributes["user.id"] == generation.attributes["user.id"]


async def test_a_model_without_a_known_price_is_left_to_langfuse_to_price(
    start: Start, langfuse: LangfuseFake
) -> None:
    async with start(bedrock_model_id_chat="amazon.unheard-of-v1:0") as bot:
        await ask(bot)
    generation = only(langfuse.spans(), "respond")
    assert "langfuse.observation.cost_details" not in generation.attributes
    assert generation.json("langfuse.observation.usage_details")["input"] > 0


SECRETS = ("ana@example", "123.456", "98765", "5511987654321")


class Shelf:
    """What the curious agent looks things up in."""

    @reported
    async def look(self, what: str) -> list[dict[str, str]]:
        return [{"who": "ana@example.org", "what": what}]

    @reported
    async def fall(self) -> None:
        raise LookupError("CPF 123.456.789-09 is not there")


class Curious(PlainAgent):
    """Looks up what it is asked, and something that breaks; then asks the model."""

    async def _respond(self, state: PlainState) -> dict[str, Any]:
        found = await Shelf().look(state["messages"][-1].text)
        with pytest.raises(LookupError):
            await Shelf().fall()
        answer = await self.chat_model.ainvoke([*state["messages"], AIMessage(str(found))])
        return {"messages": [answer]}


def rate(bot: ApplicationContainer, message_id: str, *, is_good: bool = True) -> None:
    """Tell of a thumb with words for an answer, whosever it was."""
    words = "Write to ana@example.org"
    rating = Rating("chat_1", message_id, "user", is_good, words, "rest", now_timestamp())
    bot.gateways.tracing_client().rated(rating)


async def test_personal_data_does_not_leave_wherever_it_stands(
    start: Start, bedrock: BedrockFake, langfuse: LangfuseFake
) -> None:
    bedrock.will(Reply(text=("I write to ana@exam", "ple.org.")))
    question = "I am ana@example.org, CPF 123.456.789-09, call (11) 98765-4321"
    async with start(Curious) as bot:
        await ask(bot, ChatRequest("phone_5511987654321", question))
        rate(bot, new_id("msg"))
    sent = langfuse.everything()
    for secret in SECRETS:
        assert secret not in sent
    masked = "I am <email>, CPF <document>, call <phone>"
    turn, look = only(langfuse.spans(), "turn"), only(langfuse.spans(), "Shelf.look")
    assert turn.attributes["langfuse.observation.input"] == masked
    assert turn.attributes["langfuse.observation.output"] == "I write to <email>."
    assert look.attributes["langfuse.observation.type"] == "tool"
    assert look.parent_id == turn.span_id
    assert look.json("langfuse.observation.input") == {"what": masked}
    assert look.json("langfuse.observation.output") == [{"who": "<email>", "what": masked}]
    assert look.json("langfuse.observation.metadata.node") == "respond"
    fallen = only(langfuse.spans(), "Shelf.fall")
    assert fallen.attributes["langfuse.observation.status_message"] == "LookupError"
    assert langfuse.scores()[0]["comment"] == "Write to <email>"


async def test_without_content_no_word_of_anybody_leaves(
    start: Start, bedrock: BedrockFake, langfuse: LangfuseFake
) -> None:
    bedrock.will(Reply(text=("An unmistakable answer",), input_tokens=30))
    async with start(Curious, langfuse_content="false") as bot:
        await ask(bot, ChatRequest("ana", "An unmistakable question"))
        rate(bot, new_id("msg"), is_good=False)
    assert "unmistakable" not in langfuse.everything()
    assert "Write to" not in langfuse.everything()
    assert only(langfuse.spans(), "respond").json("langfuse.observation.usage_details")["input"]
    assert langfuse.scores()[0]["value"] == 0


async def test_a_hand_over_is_an_event_of_its_turn(start: Start, langfuse: LangfuseFake) -> None:
    async with start() as bot:
        await ask(bot, ChatRequest("ana", A_PERSON))
    turn, event = only(langfuse.spans(), "turn"), only(langfuse.spans(), "handed_over")
    assert event.parent_id == turn.span_id
    assert event.json("langfuse.observation.metadata.reason") == "asked_for_human"


async def test_a_thumb_is_a_score_of_its_turn_which_a_changed_mind_replaces(
    start: Start, langfuse: LangfuseFake
) -> None:
    async with start() as bot:
        event = (await ask(bot))[0]
        assert isinstance(event, StartEvent)
        feedback: FeedbackService = bot.services.feedback_service()
        for is_good in (True, False, None):
            await feedback.rate("ana", Feedback(event.session.chat_id, event.message_id, is_good))
        await feedback.rate_as_operator(Feedback(event.session.chat_id, event.message_id, True))
    good, bad, taken_back, of_operator = langfuse.scores()
    turn = only(langfuse.spans(), "turn")
    for score in (good, bad, taken_back):
        assert score["name"] == "user_rating"
        # Langfuse replaces a score only where these two are the same, and the name.
        assert (score["id"], score["timestamp"]) == (good["id"], good["timestamp"])
    assert [(s["value"], s["dataType"]) for s in (good, bad)] == [(1, "BOOLEAN"), (0, "BOOLEAN")]
    assert (taken_back["value"], taken_back["dataType"]) == ("taken_back", "CATEGORICAL")
    assert of_operator["name"] == "operator_rating"
    assert {score["traceId"] for score in langfuse.scores()} == {turn.trace_id.hex()}


async def test_a_sampled_turn_is_there_with_all_its_parts_and_scores_others_not_at_all(
    start: Start, langfuse: LangfuseFake
) -> None:
    async with start(langfuse_sample_rate="0.5") as bot:
        for _ in range(24):
            event = (await ask(bot))[0]
            assert isinstance(event, StartEvent)
            rate(bot, event.message_id)
    traces = [span.trace_id.hex() for span in langfuse.spans() if span.name == "turn"]
    # One in eight million runs has all of them or none.
    assert 0 < len(traces) < 24
    generations = [s.trace_id.hex() for s in langfuse.spans() if s.name == "respond"]
    assert sorted(generations) == sorted(traces)
    assert sorted(score["traceId"] for score in langfuse.scores()) == sorted(traces)


@pytest.fixture
def managed(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The settings of managed prompts; the plain agent's is one of them."""
    monkeypatch.setattr(prompts, "PLAIN_PROMPT", PROMPT, raising=False)
    monkeypatch.setattr(f"{CATALOG}._REFRESH_SECONDS", 0.05)
    return {"langfuse_prompts": "true"}


def asked_with(bedrock: BedrockFake) -> str:
    """Return the system prompt of the last call."""
    text: str = bedrock.bodies()[-1]["system"][0]["text"]
    return text


async def test_a_managed_prompt_takes_the_files_place_and_the_generation_is_linked_to_it(
    start: Start, bedrock: BedrockFake, langfuse: LangfuseFake, managed: dict[str, str]
) -> None:
    name = f"{PROMPT_FOLDER}/PLAIN_PROMPT"
    langfuse.publish(name, "You sing.", "production")
    langfuse.publish(name, "A draft.")
    async with start(**managed) as bot:
        await eventually(lambda: bot.gateways.prompts().newest("PLAIN_PROMPT") is not None)
        await ask(bot)
        assert asked_with(bedrock) == "You sing."
        langfuse.publish(name, "You dance.", "production")
        await eventually(lambda: bot.gateways.prompts().newest("PLAIN_PROMPT").version == 3)
        await ask(bot)
        assert asked_with(bedrock) == "You dance."
    generations = [span for span in langfuse.spans() if span.name == "respond"]
    linked = [
        (
            span.attributes["langfuse.observation.prompt.name"],
            span.attributes["langfuse.observation.prompt.version"],
            span.json("langfuse.observation.input")[0]["content"],
        )
        for span in generations
    ]
    assert linked == [(name, 1, "You sing."), (name, 3, "You dance.")]


@pytest.mark.parametrize("broken", [" ", "You answer {{who}}.", None])
async def test_a_prompt_that_is_missing_or_broken_gives_way_to_the_file_and_is_named_once(
    broken: str | None,
    start: Start,
    bedrock: BedrockFake,
    langfuse: LangfuseFake,
    managed: dict[str, str],
    logs: LogLines,
) -> None:
    if broken is not None:
        langfuse.publish(f"{PROMPT_FOLDER}/PLAIN_PROMPT", broken, "production")
    async with start(**managed) as bot:
        await eventually(lambda: fetches(langfuse, "PLAIN_PROMPT") > 2)
        await ask(bot)
    assert asked_with(bedrock) == PROMPT
    assert "langfuse.observation.prompt.name" not in only(langfuse.spans(), "respond").attributes
    named = [
        line
        for line in logs.events("prompt_of_the_file_in_use")
        if line["prompt"] == "PLAIN_PROMPT"
    ]
    assert len(named) == 1


def fetches(langfuse: LangfuseFake, name: str = "") -> int:
    return sum(f"%2F{name}" in request.path for request in langfuse.requests)


@pytest.mark.parametrize("mood", [Mood.FAILING, Mood.SILENT])
async def test_a_turn_never_waits_for_prompts_and_keeps_those_it_knows(
    mood: Mood,
    start: Start,
    bedrock: BedrockFake,
    langfuse: LangfuseFake,
    managed: dict[str, str],
    logs: LogLines,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(f"{CATALOG}._REQUEST_TIMEOUT_SECONDS", 3)
    monkeypatch.setattr(f"{CLIENT}._STOP_SECONDS", 1)
    langfuse.publish(f"{PROMPT_FOLDER}/PLAIN_PROMPT", "You sing.", "production")
    async with start(**managed) as bot:
        await eventually(lambda: bot.gateways.prompts().newest("PLAIN_PROMPT") is not None)
        langfuse.mood = mood
        before = fetches(langfuse)
        await eventually(lambda: fetches(langfuse) > before)
        began = time.monotonic()
        await ask(bot)
        assert time.monotonic() - began < 2.5
        assert asked_with(bedrock) == "You sing."
        await eventually(lambda: len(logs.events("prompts_not_refreshed")) == 1)


async def test_a_user_has_one_name_for_one_key_and_another_for_another(
    start: Start, langfuse: LangfuseFake
) -> None:
    for secret_key in ("sk-1", "sk-1", "sk-2"):
        async with start(langfuse_secret_key=secret_key) as bot:
            await ask(bot)
    turns = [span for span in langfuse.spans() if span.name == "turn"]
    first, second, third = (turn.attributes["user.id"] for turn in turns)
    assert first == second != third
    assert "ana" not in first


async def test_a_turn_that_fails_is_a_trace_with_its_error(
    start: Start, bedrock: BedrockFake, langfuse: LangfuseFake
) -> None:
    bedrock.will(Failure("AccessDeniedException", 403))
    async with start() as bot:
        await ask(bot)
    turn, generation = only(langfuse.spans(), "turn"), only(langfuse.spans(), "respond")
    for span, message in ((turn, "model_refused"), (generation, "ModelRefused")):
        assert span.attributes["langfuse.observation.level"] == "ERROR"
        assert span.attributes["langfuse.observation.status_message"] == message


async def test_a_turn_that_is_cancelled_is_a_trace_that_ends(
    start: Start, bedrock: BedrockFake, langfuse: LangfuseFake
) -> None:
    bedrock.will(Silence())
    async with start() as bot:
        asking = asyncio.create_task(ask(bot))
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
    monkeypatch.setattr(f"{CLIENT}._SEND_TIMEOUT_SECONDS", 1)
    monkeypatch.setattr(f"{CLIENT}._STOP_SECONDS", 2)
    host = langfuse.url
    if mood is None:
        host = "http://127.0.0.1:9"
    else:
        langfuse.mood = mood
    async with start(langfuse_host=host) as bot:
        await ask(bot)
        started = time.monotonic()
        for _ in range(5):
            assert isinstance((await ask(bot))[-1], EndEvent)
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
    async with start(**changes) as bot:
        assert isinstance((await ask(bot))[-1], EndEvent)
    assert langfuse.requests == []
    assert "langfuse" not in logs.text().lower()


async def test_a_flush_is_waited_for_a_while_and_not_again_soon_after_one_in_vain(
    start: Start, langfuse: LangfuseFake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"{CLIENT}._FLUSH_SECONDS", 0.5)
    monkeypatch.setattr(f"{CLIENT}._SEND_TIMEOUT_SECONDS", 1)
    monkeypatch.setattr(f"{CLIENT}._STOP_SECONDS", 2)
    async with start() as bot:
        await ask(bot)
        await bot.gateways.tracing_client().flush()
        only(langfuse.spans(), "turn")
        langfuse.mood = Mood.SILENT
        await ask(bot)
        began = time.monotonic()
        for _ in range(5):
            await bot.gateways.tracing_client().flush()
        # Had each waited, it would have been 2.5 seconds.
        assert 0.5 <= time.monotonic() - began < 2


STOPPING = """
import asyncio, sys
from pydantic import SecretStr
from app.core.ports.turn_observer import TurnContext, TurnOutcome
from domain.dto.chat import TokenUsage
from domain.ids import new_id
from infra.tracing import tracing_client
from infra.tracing.file_prompts import FilePrompts
from infra.tracing.langfuse_project import LangfuseProject

tracing_client._STOP_SECONDS = 1
tracing_client._SEND_TIMEOUT_SECONDS = 15

async def main():
    project = LangfuseProject(sys.argv[1], "pk", SecretStr("sk"), "local", "1")
    options = tracing_client.TracingOptions(tags=())
    client = tracing_client.TracingClient(project, options, lambda model: None, FilePrompts())
    turn = TurnContext("ana", new_id("chat"), new_id("sess"), new_id("msg"), "Hi", "chat")
    client.turn_started(turn).ended(TurnOutcome("Hello", TokenUsage(), None))
    print("stopping", flush=True)
    await client.stop()

asyncio.run(main())
"""


async def test_a_process_ends_in_time_though_langfuse_is_silent(langfuse: LangfuseFake) -> None:
    langfuse.mood = Mood.SILENT
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", STOPPING, langfuse.url, cwd=BOT_FOLDER, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"stopping\n"
    began = time.monotonic()
    # The SDK waits for an answer for 15 s, and Python would wait for a thread that it has to join.
    assert await process.wait() == 0
    assert time.monotonic() - began < 10
