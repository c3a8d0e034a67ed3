"""A message's one way through the bot, from the question to the stored answer."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from app.core.ports.chat_storage import ListingRequest
from app.core.ports.model_calls import ModelCall
from app.core.ports.turn_observer import ObservedTurn, TurnContext, TurnObserver, TurnOutcome
from app.core.service.chat.chat_service import ChatService
from app.core.service.chat.turn_admission import MAX_WAITING
from app.core.settings_owner import OwnerSettings
from app.dependency_injection.application_container import ApplicationContainer
from app.dependency_injection.lifecycle import running
from domain.dto.chat import ChatRequest, Message, Session, TokenUsage
from domain.dto.events import (
    AgentResponseEvent,
    ChatEvent,
    EndEvent,
    ErrorEvent,
    StartEvent,
    TokenEvent,
)
from domain.ids import now_timestamp
from tests.support.bedrock_fake import BedrockFake, Ending, Failure, Hangup, Reply, Script, Silence
from tests.support.logs import LogLines
from tests.support.plain_agent import PlainAgent, PlainState
from tests.support.plain_container import make_plain
from tests.support.table_proxy import Mood, TableProxy
from tests.support.tables import Tables
from tests.support.waiting import eventually

ALL = ListingRequest(limit=100)
HELLO = ChatRequest(user_id="ana", question="Hello!")


class Bot:
    """The bot without a channel: its chat service and what it keeps."""

    def __init__(self, container: ApplicationContainer) -> None:
        self.container = container
        self.service: ChatService = container.services.chat_service()

    async def ask(
        self, request: ChatRequest, known_session: Session | None = None
    ) -> list[ChatEvent]:
        return [event async for event in self.service.run(request, known_session)]

    async def messages(self, chat_id: str, user_id: str = "ana") -> list[Message]:
        storage = self.container.repositories.chat_repository()
        page = await storage.list_messages(user_id, chat_id, ALL)
        return list(page.items)

    async def sessions(self, chat_id: str) -> list[Session]:
        page = await self.container.repositories.chat_repository().list_sessions(
            "ana", chat_id, ALL
        )
        return list(page.items)


StartBot = Callable[..., Any]


@pytest.fixture
def proxy(dynamodb_endpoint: str) -> Any:
    proxy = TableProxy(dynamodb_endpoint)
    yield proxy
    proxy.close()


@pytest.fixture
def settings(proxy: TableProxy, table: str, bedrock: BedrockFake) -> OwnerSettings:
    return OwnerSettings(
        aws_endpoint_url_dynamodb=proxy.url,
        aws_endpoint_url_bedrock_runtime=bedrock.url,
        ddb_table=table,
    )


@asynccontextmanager
async def started(settings: OwnerSettings) -> AsyncIterator[Bot]:
    container = ApplicationContainer(settings=settings)
    make_plain(container)
    async with running(container):
        yield Bot(container)


@pytest.fixture
async def bot(settings: OwnerSettings) -> AsyncIterator[Bot]:
    async with started(settings) as bot:
        yield bot


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same behaviour in less time."""
    monkeypatch.setattr("infra.bedrock.bedrock_client._BACKOFF_SECONDS", 0.01)
    monkeypatch.setattr("infra.dynamodb.dynamodb_client._BACKOFF_SECONDS", 0.005)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A silent model is given up soon."""
    monkeypatch.setattr("infra.bedrock.bedrock_client._SILENCE_SECONDS", 1.0)


def start_of(events: list[ChatEvent]) -> StartEvent:
    start = events[0]
    assert isinstance(start, StartEvent)
    return start


def in_same_chat(events: list[ChatEvent], question: str) -> ChatRequest:
    session = start_of(events).session
    return replace(HELLO, question=question, chat_id=session.chat_id, session_id=session.session_id)


def kinds(events: list[ChatEvent]) -> list[type[ChatEvent]]:
    return [type(event) for event in events]


async def test_a_turn_is_start_answer_and_end_about_the_same_ids(
    bot: Bot, bedrock: BedrockFake
) -> None:
    bedrock.will(Reply(text=("Good ", "day.")))
    events = await bot.ask(HELLO)
    assert kinds(events) == [StartEvent, AgentResponseEvent, EndEvent]
    start, response, end = events
    assert isinstance(start, StartEvent) and isinstance(end, EndEvent)
    assert response == AgentResponseEvent(start.message_id, "Good day.", TokenUsage(11, 7))
    session = start.session
    assert end == EndEvent(start.message_id, session.session_id, session.chat_id, "Good day.")
    question, answer = await bot.messages(session.chat_id)
    assert (question.role, question.content) == ("user", "Hello!")
    assert (answer.role, answer.content) == ("assistant", "Good day.")
    assert answer.message_id == start.message_id
    assert (answer.usage.input_tokens, answer.usage.output_tokens) == (11, 7)


async def test_with_stream_the_pieces_add_up_to_the_whole(bot: Bot, bedrock: BedrockFake) -> None:
    pieces = ("Bom", " dia", ", 👩‍👩‍👧", "!\n\n", "  ok")
    bedrock.will(Reply(text=pieces))
    events = await bot.ask(replace(HELLO, stream=True))
    tokens = [event.delta for event in events if isinstance(event, TokenEvent)]
    assert tokens == list(pieces)
    assert kinds(events) == [StartEvent, *[TokenEvent] * 5, AgentResponseEvent, EndEvent]
    end = events[-1]
    assert isinstance(end, EndEvent) and end.full_text == "".join(pieces)


async def test_the_question_is_kept_before_the_model_is_asked(
    bot: Bot, bedrock: BedrockFake
) -> None:
    bedrock.will(Silence())
    async with aclosing(bot.service.run(HELLO)) as events:
        start = await anext(events)
        assert isinstance(start, StartEvent)
        assert bedrock.requests == []
        assert [m.content for m in await bot.messages(start.session.chat_id)] == ["Hello!"]


async def test_a_chat_goes_on_with_what_was_said(bot: Bot, bedrock: BedrockFake) -> None:
    bedrock.will(Reply(text=("one",)), Reply(text=("two",)))
    first = await bot.ask(HELLO)
    second = await bot.ask(in_same_chat(first, "And then?"))
    assert start_of(second).session.session_id == start_of(first).session.session_id
    assert [(m["role"], m["content"][0]["text"]) for m in bedrock.bodies()[-1]["messages"]] == [
        ("user", "Hello!"),
        ("assistant", "one"),
        ("user", "And then?"),
    ]
    contents = [m.content for m in await bot.messages(start_of(first).session.chat_id)]
    assert contents == ["Hello!", "one", "And then?", "two"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"question": "  "}, "question_empty"),
        ({"question": "x" * 100_000}, "question_too_long"),
        ({"question": "\ud83d"}, "invalid_text"),
        ({"user_id": ""}, "invalid_id"),
        ({"chat_id": "chat_of_nobody"}, "chat_not_found"),
        ({"chat_id": "x" * 10_000}, "invalid_id"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_a_question_that_cannot_be_answered_is_one_error_and_leaves_nothing(
    change: dict[str, Any],
    code: str,
    bot: Bot,
    bedrock: BedrockFake,
    tables: Tables,
    table: str,
    logs: LogLines,
) -> None:
    (error,) = await bot.ask(replace(HELLO, **change))
    assert isinstance(error, ErrorEvent)
    assert error.code == code
    assert error.message_id is not None
    assert bedrock.requests == []
    kept = [i for i in tables.items(table) if not i["partition_key"]["S"].startswith("LIMIT#")]
    assert kept == []
    assert len(logs.text()) < 1_000


async def test_the_chat_of_another_is_not_found(bot: Bot, bedrock: BedrockFake) -> None:
    first = await bot.ask(HELLO)
    (error,) = await bot.ask(replace(in_same_chat(first, "Mine?"), user_id="eva"))
    assert isinstance(error, ErrorEvent) and error.code == "chat_not_found"
    assert len(bedrock.requests) == 1
    assert len(await bot.messages(start_of(first).session.chat_id)) == 2


async def test_an_unknown_or_ended_session_is_replaced_by_a_new_one(bot: Bot) -> None:
    first = await bot.ask(HELLO)
    session = start_of(first).session
    unknown = await bot.ask(replace(in_same_chat(first, "More"), session_id="sess_unknown"))
    await bot.service.end_session(session)
    after_end = await bot.ask(in_same_chat(first, "More"))
    none = await bot.ask(replace(in_same_chat(first, "More"), session_id=None))
    ids = {start_of(e).session.session_id for e in (first, unknown, after_end, none)}
    assert len(ids) == 4
    assert {start_of(e).session.chat_id for e in (first, unknown, after_end, none)} == {
        session.chat_id
    }
    stored = {s.session_id: s.is_active for s in await bot.sessions(session.chat_id)}
    assert stored.pop(session.session_id) is False
    assert list(stored.values()) == [True] * 3


FAILURES = [
    (Failure("ThrottlingException", 429), "model_throttled"),
    (Failure("ModelTimeoutException", 408), "model_timeout"),
    (Failure("AccessDeniedException", 403), "model_refused"),
    (Failure("ValidationException", 400), "model_refused"),
    (Failure("InternalServerException", 500), "model_unavailable"),
    (Hangup(), "model_unavailable"),
    (Reply(exception="throttlingException"), "model_throttled"),
    (Reply(exception="modelStreamErrorException"), "model_interrupted"),
    (Reply(ending=Ending.CUT), "model_interrupted"),
    (Reply(ending=Ending.NO_STOP), "model_interrupted"),
    (Reply(ending=Ending.SILENCE), "model_timeout"),
    (Reply(text=()), "model_unavailable"),
]


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(("script", "code"), FAILURES)
async def test_a_failing_model_is_one_error_and_the_chat_goes_on_afterwards(
    script: Script, code: str, bot: Bot, bedrock: BedrockFake, logs: LogLines
) -> None:
    bedrock.always(script)
    events = await bot.ask(HELLO)
    assert kinds(events) == [StartEvent, ErrorEvent]
    error = events[-1]
    assert isinstance(error, ErrorEvent)
    assert (error.code, error.message_id) == (code, start_of(events).message_id)
    chat_id = start_of(events).session.chat_id
    assert [m.role for m in await bot.messages(chat_id)] == ["user"]
    (ended,) = logs.events("turn_ended")
    assert (ended["outcome"], ended["chat_id"]) == (code, chat_id)

    bedrock.always(Reply(text=("Back.",)))
    again = await bot.ask(in_same_chat(events, "And now?"))
    assert kinds(again) == [StartEvent, AgentResponseEvent, EndEvent]
    roles = [message["role"] for message in bedrock.bodies()[-1]["messages"]]
    assert roles == ["user"]


async def test_a_partial_answer_is_shown_but_never_kept(bot: Bot, bedrock: BedrockFake) -> None:
    bedrock.will(Reply(text=("half of ", "it"), ending=Ending.CUT))
    events = await bot.ask(replace(HELLO, stream=True))
    assert kinds(events) == [StartEvent, TokenEvent, TokenEvent, ErrorEvent]
    assert len(await bot.messages(start_of(events).session.chat_id)) == 1


@pytest.mark.parametrize("script", [Reply(ending=Ending.SILENCE), Silence()])
async def test_who_stops_listening_stops_the_model(
    script: Script, bot: Bot, bedrock: BedrockFake, logs: LogLines
) -> None:
    bedrock.will(script)
    chat_ids = []

    async def listen() -> None:
        async with aclosing(bot.service.run(replace(HELLO, stream=True))) as events:
            async for event in events:
                if isinstance(event, StartEvent):
                    chat_ids.append(event.session.chat_id)

    listening = asyncio.create_task(listen())
    await eventually(lambda: len(bedrock.requests) == 1)
    listening.cancel()
    await asyncio.wait([listening])
    await eventually(lambda: bedrock.requests[0].aborted, within=1)
    assert [m.role for m in await bot.messages(chat_ids[0])] == ["user"]
    (ended,) = logs.events("turn_ended")
    assert ended["outcome"] == "cancelled"


async def test_turns_of_one_chat_follow_each_other_and_those_of_others_do_not_wait(
    bot: Bot, bedrock: BedrockFake
) -> None:
    first = await bot.ask(HELLO)
    bedrock.hold()
    same = [bot.ask(in_same_chat(first, f"question {n}")) for n in range(2)]
    others = [bot.ask(replace(HELLO, user_id=f"user_{n}")) for n in range(10)]
    asking = asyncio.gather(*same, *others)
    await eventually(lambda: len(bedrock.requests) == 1 + 1 + len(others))
    await asyncio.sleep(0.05)
    assert len(bedrock.requests) == 1 + 1 + len(others)
    bedrock.release()
    results = await asking
    assert all(kinds(events)[-1] is EndEvent for events in results)
    roles = [m.role for m in await bot.messages(start_of(first).session.chat_id)]
    assert roles == ["user", "assistant"] * 3


async def test_a_stranger_neither_waits_for_a_chat_nor_holds_it_up(
    bot: Bot, bedrock: BedrockFake
) -> None:
    first = await bot.ask(HELLO)
    bedrock.will(Reply(ending=Ending.SILENCE))
    request = in_same_chat(first, "How long?")
    async with aclosing(bot.service.run(request)) as turn:
        await anext(turn)
        (error,) = await bot.ask(replace(request, user_id="eva"))
    assert isinstance(error, ErrorEvent) and error.code == "chat_not_found"


async def test_more_questions_than_a_person_types_ahead_are_refused_at_once(
    bot: Bot, bedrock: BedrockFake
) -> None:
    first = await bot.ask(HELLO)
    bedrock.always(Reply(text=("slow",), pause=0.1))
    request = in_same_chat(first, "And now?")
    turns = await asyncio.gather(*(bot.ask(request) for _ in range(20)))
    refused = [turn[0] for turn in turns if isinstance(turn[0], ErrorEvent)]
    assert {error.code for error in refused} == {"turn_in_progress"}
    assert len(refused) == 20 - 1 - MAX_WAITING
    assert kinds(await bot.ask(request))[-1] is EndEvent


async def test_a_user_over_the_limit_is_told_so_and_costs_no_model_call(
    settings: OwnerSettings, bedrock: BedrockFake
) -> None:
    limited = settings.model_copy(update={"rate_limit_per_minute": 2})
    async with started(limited) as bot:
        outcomes = [kinds(await bot.ask(HELLO))[-1] for _ in range(2)]
        (error,) = await bot.ask(HELLO)
        assert outcomes == [EndEvent, EndEvent]
        assert isinstance(error, ErrorEvent) and error.code == "rate_limited"
        assert len(bedrock.requests) == 2
        assert kinds(await bot.ask(replace(HELLO, user_id="eva")))[-1] is EndEvent


async def test_a_turn_costs_the_table_the_same_whether_it_is_the_first_or_the_tenth(
    settings: OwnerSettings, proxy: TableProxy
) -> None:
    async with started(settings.model_copy(update={"rate_limit_per_minute": 0})) as bot:
        events = await bot.ask(HELLO)
        for _ in range(9):
            proxy.requests.clear()
            events = await bot.ask(in_same_chat(events, "More"), start_of(events).session)
        assert proxy.operations() == {
            "Query": 1,
            "BatchWriteItem": 1,
            "PutItem": 1,
            "UpdateItem": 1,
        }
        proxy.requests.clear()
        await bot.ask(HELLO)
        assert proxy.operations() == {"BatchWriteItem": 1, "PutItem": 1, "UpdateItem": 1}


async def test_a_usual_answer_with_its_steps_is_within_the_budget_of_a_turn(
    bot: Bot, bedrock: BedrockFake, proxy: TableProxy
) -> None:
    bedrock.always(Reply(text=("x" * 500,)))
    proxy.requests.clear()
    events = await bot.ask(HELLO)
    assert sum(proxy.operations().values()) == 4
    # Question, session, chat, answer and preview, and the limit.
    assert proxy.write_units() == 6
    proxy.requests.clear()
    await bot.ask(in_same_chat(events, "More"), start_of(events).session)
    assert sum(proxy.operations().values()) == 5
    assert proxy.write_units() == 5
    *_, answer = await bot.messages(start_of(events).session.chat_id)
    assert [step.node for step in answer.steps] == ["respond"]


async def test_a_table_that_throttles_three_times_in_a_row_is_not_noticed(
    bot: Bot, proxy: TableProxy
) -> None:
    first = await bot.ask(HELLO)
    proxy.requests.clear()
    # Every operation of a turn is refused three times before it is served.
    proxy.throttles_each = 3
    assert kinds(await bot.ask(in_same_chat(first, "More")))[-1] is EndEvent
    assert proxy.operations() == {
        "Query": 4,
        "GetItem": 4,
        "BatchWriteItem": 4,
        "PutItem": 4,
        # The limit per user, and the preview.
        "UpdateItem": 8,
    }


async def test_an_answer_too_long_to_be_kept_is_told_so_and_leaves_no_trace(
    bot: Bot, bedrock: BedrockFake
) -> None:
    first = await bot.ask(HELLO)
    bedrock.will(Reply(text=("x" * 410_000,)))
    *_, error = await bot.ask(in_same_chat(first, "Everything, please"))
    assert isinstance(error, ErrorEvent) and error.code == "answer_too_long"
    page = await bot.container.repositories.chat_repository().list_chats("ana", ALL)
    assert [chat.preview for chat in page.items] == ["An answer."]


@pytest.mark.parametrize("stream", [True, False])
async def test_halves_of_characters_from_the_model_become_whole_ones(
    stream: bool, bot: Bot, bedrock: BedrockFake
) -> None:
    bedrock.will(Reply(text=("Oi \ud83d", "\ude00 \ud83d", " \ude00!", "\ud83d")))
    events = await bot.ask(replace(HELLO, stream=stream))
    end = events[-1]
    assert isinstance(end, EndEvent) and end.full_text == "Oi 😀 \ufffd \ufffd!\ufffd"
    if stream:
        assert "".join(e.delta for e in events if isinstance(e, TokenEvent)) == end.full_text
    (_, answer) = await bot.messages(end.chat_id)
    assert answer.content == end.full_text


@pytest.mark.parametrize("mood", [Mood.AWAY, Mood.THROTTLING])
async def test_a_table_out_of_reach_is_one_error_soon(
    mood: Mood, bot: Bot, proxy: TableProxy, bedrock: BedrockFake
) -> None:
    proxy.mood = mood
    started = time.monotonic()
    (error,) = await bot.ask(HELLO)
    assert time.monotonic() - started < 5
    assert isinstance(error, ErrorEvent) and error.code == "storage_unavailable"
    assert bedrock.requests == []
    proxy.mood = Mood.SERVING
    assert kinds(await bot.ask(HELLO))[-1] is EndEvent


async def test_an_answer_that_cannot_be_kept_is_an_error(
    bot: Bot, proxy: TableProxy, bedrock: BedrockFake
) -> None:
    bedrock.will(Reply(text=("slow ", "answer"), pause=0.1))
    async with aclosing(bot.service.run(HELLO)) as events:
        start = await anext(events)
        proxy.mood = Mood.AWAY
        rest = [event async for event in events]
    assert isinstance(start, StartEvent)
    (error,) = rest
    assert error == ErrorEvent("storage_unavailable", told(error), start.message_id)


def told(event: ChatEvent) -> str:
    assert isinstance(event, ErrorEvent)
    return event.message


class Saboteur(TurnObserver, ObservedTurn):
    """An observer that breaks whenever it is told something."""

    def turn_started(self, turn: TurnContext) -> ObservedTurn:
        return self

    def error_told(self, channel: str, code: str) -> None:
        raise ZeroDivisionError

    def answer_began(self) -> None:
        raise ZeroDivisionError

    def model_call_started(self, call: ModelCall) -> None:
        raise ZeroDivisionError

    def model_called(self, call: ModelCall) -> None:
        raise ZeroDivisionError

    def ended(self, outcome: TurnOutcome) -> None:
        raise ZeroDivisionError

    async def stop(self) -> None:
        return


async def test_an_observer_that_breaks_costs_the_user_nothing(bot: Bot, logs: LogLines) -> None:
    container = bot.container
    service = ChatService(
        storage=container.repositories.chat_repository(),
        orchestrator=container.services.orchestrator(),
        allowance=container.services.allowance(),
        handoffs=container.services.handoff_service(),
        observers=[Saboteur()],
    )
    assert kinds([event async for event in service.run(HELLO)])[-1] is EndEvent
    assert len(logs.events("turn_observer_failed")) == 4
    nothing = replace(HELLO, question="")
    assert kinds([event async for event in service.run(nothing)]) == [ErrorEvent]
    assert len(logs.events("turn_observer_failed")) == 5


class Broken(PlainAgent):
    """A graph with a mistake in its node."""

    async def _respond(self, state: PlainState) -> dict[str, Any]:
        raise ZeroDivisionError("internal detail")


async def test_a_mistake_in_a_node_is_an_internal_error_and_is_logged_without_the_question(
    bot: Bot, logs: LogLines
) -> None:
    container = bot.container
    service = ChatService(
        storage=container.repositories.chat_repository(),
        orchestrator=Broken(container.services.language_model_service().chat_model()),
        allowance=container.services.allowance(),
        handoffs=container.services.handoff_service(),
        observers=[],
    )
    secret = replace(HELLO, question="my secret question")
    events = [event async for event in service.run(secret)]
    error = events[-1]
    assert isinstance(error, ErrorEvent)
    assert error.code == "internal_error"
    assert "internal detail" not in error.message
    (line,) = logs.events("turn_failed")
    assert line["exception"][0]["exc_type"] == "ZeroDivisionError"
    assert line["message_id"] == error.message_id
    assert "secret question" not in logs.text()


async def test_nothing_of_what_was_said_is_logged(
    bot: Bot, bedrock: BedrockFake, logs: LogLines
) -> None:
    bedrock.will(Reply(text=("the confidential answer",)), Reply(exception="throttlingException"))
    events = await bot.ask(replace(HELLO, user_id="+5511987654321", question="secret question"))
    session = start_of(events).session
    await bot.ask(
        ChatRequest("+5511987654321", "secret question", session.chat_id, session.session_id)
    )
    assert len(logs.events("turn_ended")) == 2
    for words in ("secret question", "confidential", "5511987654321"):
        assert words not in logs.text()


async def test_a_bot_that_stops_finishes_what_runs_and_refuses_what_comes(
    bot: Bot, bedrock: BedrockFake
) -> None:
    bedrock.will(Reply(text=("slow ", "answer"), pause=0.2))
    turn = asyncio.create_task(bot.ask(HELLO))
    await eventually(lambda: len(bedrock.requests) == 1)
    draining = asyncio.create_task(bot.service.drain())
    await asyncio.sleep(0)
    assert bot.service.is_stopping
    (error,) = await bot.ask(HELLO)
    assert isinstance(error, ErrorEvent) and error.code == "shutting_down"
    await draining
    assert turn.done()
    assert kinds(turn.result())[-1] is EndEvent


async def test_a_question_is_later_than_an_answer_written_by_a_faster_clock(
    bot: Bot, bedrock: BedrockFake
) -> None:
    first = await bot.ask(HELLO)
    session = start_of(first).session
    ahead = Message(
        "msg_ahead",
        session.chat_id,
        "ana",
        "assistant",
        "from the future",
        "2999" + now_timestamp()[4:],
    )
    await bot.container.repositories.chat_repository().save_answer(ahead, "")
    await bot.ask(in_same_chat(first, "Still in order?"))
    contents = [m.content for m in await bot.messages(session.chat_id)]
    assert contents[-3:] == ["from the future", "Still in order?", "An answer."]
