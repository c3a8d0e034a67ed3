"""Conversations over HTTP, as one answer or as a stream of events."""

import asyncio
import json
from collections.abc import AsyncIterator

import httpx
import pytest

from app.core.settings.core import AppEnv
from app.core.settings_owner import OwnerSettings
from app.core.texts import ERROR_MESSAGES
from app.dependency_injection.application_container import ApplicationContainer
from domain.ids import trace_id_of
from interface.application import create_application
from tests.support.bedrock_fake import BedrockFake, Ending, Failure, Reply, Script, Silence
from tests.support.bots import BotInside, BotsInside
from tests.support.logs import LogLines
from tests.support.plain_agent import A_PERSON
from tests.support.rest_client import ask, events_in, problem_code, rest_client
from tests.support.waiting import eventually

PATH = "/api/chats/completions"
SOUND = {"user_id": "ana", "question": "Hello!"}
KIB = 1024
SHOWN = (
    *("ChatRequestBody", "AnswerBody", "ChatBody", "MessageBody", "SessionBody", "TitleBody"),
    *("CompletionRequestBody", "CompletionBody", "ProblemBody"),
)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same behaviour in less time."""
    monkeypatch.setattr("infra.bedrock.bedrock_client._BACKOFF_SECONDS", 0.01)


async def test_a_question_has_one_answer(
    bedrock_bot: BotInside, bedrock: BedrockFake, user_id: str
) -> None:
    bedrock.will(Reply(text=("Good ", "day.")), Reply(text=("Yes.",)))
    async with rest_client(bedrock_bot) as rest:
        first = await ask(rest, user_id, "Hello!")
        ids = {"chat_id": first["chat_id"], "session_id": first["session_id"]}
        second = await ask(rest, user_id, "Are you sure?", **ids)
    assert first.keys() == {"message_id", "session_id", "chat_id", "full_text", "trace_id"}
    assert first["full_text"] == "Good day."
    assert second == {**second, **ids, "full_text": "Yes."}
    assert second["trace_id"] == trace_id_of(second["message_id"])
    assert len(bedrock.bodies()[-1]["messages"]) == 3


async def test_with_stream_the_answer_comes_as_events(
    bedrock_bot: BotInside, bedrock: BedrockFake, user_id: str
) -> None:
    pieces = ["Bom", " dia,\n\n", "👩‍👩‍👧 \u2028", "!"]
    bedrock.will(Reply(text=pieces))
    async with rest_client(bedrock_bot) as rest:
        body = {"user_id": user_id, "question": "Hello!", "stream": True}
        response = await rest.post(PATH, json=body)
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert response.headers["cache-control"] == "no-store"
    events = events_in(response.text)
    kinds = [event["type"] for event in events]
    assert kinds == ["start", *["token"] * 4, "agent_response", "end"]
    assert [event["delta"] for event in events[1:5]] == pieces
    assert events[-1]["full_text"] == events[-2]["content"] == "".join(pieces)
    assert {event["message_id"] for event in events} == {events[0]["message_id"]}


async def test_a_piece_arrives_before_the_next_one_is_written(
    bedrock_bot: BotInside, bedrock: BedrockFake, user_id: str
) -> None:
    bedrock.will(Reply(text=("first",), ending=Ending.SILENCE))
    body = {"user_id": user_id, "question": "Hello!", "stream": True}
    async with rest_client(bedrock_bot) as rest, rest.stream("POST", PATH, json=body) as response:
        received = ""
        async for text in response.aiter_text():
            received += text
            if "event: token" in received:
                break
    await eventually(lambda: bedrock.requests[0].aborted, within=1)


async def test_a_client_that_does_not_read_is_dropped_and_its_model_call_ends(
    bedrock_bot: BotInside,
    bedrock: BedrockFake,
    user_id: str,
    logs: LogLines,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("interface.slow_reader.SLOW_READER_SECONDS", 0.1)
    bedrock.will(Reply(text=["x" * 60_000] * 2_000, pause=0.005))
    body = {"user_id": user_id, "question": "Hello!", "stream": True}
    async with rest_client(bedrock_bot) as rest, rest.stream("POST", PATH, json=body) as response:
        assert response.status_code == 200
        await eventually(lambda: len(bedrock.requests) == 1)
        await eventually(lambda: bedrock.requests[0].aborted, within=10)
    assert '"level": "error"' not in logs.text()


FAILURES = [
    (Failure("ThrottlingException", 429), 503, "model_throttled"),
    (Failure("ModelTimeoutException", 408), 504, "model_timeout"),
    (Failure("AccessDeniedException", 403), 502, "model_refused"),
    (Failure("InternalServerException", 500), 502, "model_unavailable"),
    (Reply(ending=Ending.CUT), 502, "model_interrupted"),
]


@pytest.mark.parametrize(("script", "status", "code"), FAILURES)
async def test_a_failing_model_is_a_problem_and_the_question_is_kept(
    script: Script,
    status: int,
    code: str,
    bedrock_bot: BotInside,
    bedrock: BedrockFake,
    user_id: str,
    logs: LogLines,
) -> None:
    bedrock.always(script)
    async with rest_client(bedrock_bot) as rest:
        response = await rest.post(PATH, json={"user_id": user_id, "question": "Hello!"})
        assert (response.status_code, problem_code(response)) == (status, code)
        assert response.json()["detail"] == ERROR_MESSAGES[code]
        (line,) = logs.events("turn_failed")
        assert response.json()["trace_id"] == line["trace_id"] == trace_id_of(line["message_id"])
        (chat,) = (await rest.get("/api/chats/", params={"user_id": user_id})).json()["items"]
        bedrock.always(Reply())
        await ask(rest, user_id, "And now?", chat_id=chat["chat_id"])
    asked = bedrock.bodies()[-1]["messages"][0]["content"][0]["text"]
    assert asked.splitlines() == ["Hello!", "And now?"]


@pytest.mark.parametrize(("script", "status", "code"), FAILURES)
async def test_a_model_that_fails_in_a_stream_is_its_last_event(
    script: Script,
    status: int,
    code: str,
    bedrock_bot: BotInside,
    bedrock: BedrockFake,
    user_id: str,
) -> None:
    bedrock.always(script)
    async with rest_client(bedrock_bot) as rest:
        body = {"user_id": user_id, "question": "Hello!", "stream": True}
        response = await rest.post(PATH, json=body)
    events = events_in(response.text)
    assert response.status_code == 200
    assert [e["type"] for e in events if e["type"] != "token"] == ["start", "error"]
    assert events[-1] == {
        "type": "error",
        "code": code,
        "message": ERROR_MESSAGES[code],
        "message_id": events[0]["message_id"],
        "trace_id": events[0]["trace_id"],
    }


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("script", [Silence(), Reply(ending=Ending.SILENCE)])
async def test_a_client_that_leaves_ends_the_model_call(
    script: Script,
    stream: bool,
    bedrock_bot: BotInside,
    bedrock: BedrockFake,
    user_id: str,
    logs: LogLines,
) -> None:
    bedrock.will(script)
    async with rest_client(bedrock_bot) as rest:
        body = {"user_id": user_id, "question": "Hello!", "stream": stream}
        asking = asyncio.create_task(rest.post(PATH, json=body))
        await eventually(lambda: len(bedrock.requests) == 1)
        asking.cancel()
        await asyncio.wait([asking])
    await eventually(lambda: bedrock.requests[0].aborted, within=1)
    await eventually(lambda: len(logs.events("turn_ended")) == 1)
    assert logs.events("turn_ended")[0]["outcome"] == "cancelled"
    assert '"level": "error"' not in logs.text()


async def test_a_bot_that_stops_gives_the_answer_it_has_begun(
    bots: BotsInside, bedrock: BedrockFake, user_id: str
) -> None:
    bedrock.will(Reply(text=("slow ", "answer"), pause=0.2))
    with bots.of_its_own(LLM_PROVIDER="bedrock") as bot:
        async with rest_client(bot) as rest:
            asking = asyncio.create_task(ask(rest, user_id, "Hello!"))
            await eventually(lambda: len(bedrock.requests) == 1)
            bot.ask_to_stop()
            assert (await asking)["full_text"] == "slow answer"


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"question": ""}, 422, "question_empty"),
        ({"question": " \n\t"}, 422, "question_empty"),
        ({"question": "x" * 100_000}, 422, "question_too_long"),
        ({"user_id": ""}, 422, "invalid_id"),
        ({"user_id": "x" * 201}, 422, "invalid_id"),
        ({"chat_id": "line\nbreak"}, 422, "invalid_id"),
        ({"session_id": "\x00"}, 422, "invalid_id"),
        ({"chat_id": "chat_of_nobody"}, 404, "chat_not_found"),
    ],
)
async def test_a_question_that_cannot_be_answered_is_a_problem(
    change: dict[str, str], status: int, code: str, stream: bool, bot: BotInside
) -> None:
    async with rest_client(bot) as rest:
        response = await rest.post(PATH, json={**SOUND, "stream": stream, **change})
    assert (response.status_code, problem_code(response)) == (status, code)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ("", 422, "invalid_request"),
        ("hello", 400, "invalid_json"),
        ('{"user_id": "ana"', 400, "invalid_json"),
        ('{"question": "\\ud83d", "user_id": "ana"}', 422, "invalid_request"),
        ('{"question": NaN, "user_id": "ana"}', 422, "invalid_request"),
        ('{"question": "Hello!", "user_id": NaN}', 422, "invalid_request"),
        ("NaN", 422, "invalid_request"),
        ("[" * 100_000, 400, "bad_request"),
        ("9" * 5_000, 400, "bad_request"),
        (b'{"question": "\xff"}', 400, "bad_request"),
        ("[]", 422, "invalid_request"),
        ("null", 422, "invalid_request"),
        ("{}", 422, "invalid_request"),
        ({**SOUND, "question": None}, 422, "invalid_request"),
        ({**SOUND, "question": 42}, 422, "invalid_request"),
        ({**SOUND, "user_id": 42}, 422, "invalid_request"),
        ({**SOUND, "chat_id": []}, 422, "invalid_request"),
        ({**SOUND, "stream": "true"}, 422, "invalid_request"),
        ({"question": "Hello!"}, 422, "user_id_required"),
    ],
    ids=lambda value: str(value)[:30] if not isinstance(value, int) else None,
)
async def test_a_body_that_is_no_question_is_a_problem_that_repeats_nothing_of_it(
    body: object, status: int, code: str, bot: BotInside, logs: LogLines
) -> None:
    content = body if isinstance(body, str | bytes) else json.dumps(body)
    async with rest_client(bot) as rest:
        response = await rest.post(
            PATH, content=content, headers={"Content-Type": "application/json"}
        )
    assert (response.status_code, problem_code(response)) == (status, code)
    assert len(response.text) < 500
    assert '"level": "error"' not in logs.text()


async def test_a_form_is_no_question(bot: BotInside) -> None:
    async with rest_client(bot) as rest:
        response = await rest.post(PATH, data=SOUND)
    assert (response.status_code, problem_code(response)) == (422, "invalid_request")


async def in_chunks(mebibytes: int) -> AsyncIterator[bytes]:
    for _ in range(mebibytes):
        yield b" " * KIB * KIB


async def test_a_body_over_the_limit_is_refused_announced_or_not(bot: BotInside) -> None:
    async with rest_client(bot) as rest:
        announced = await rest.post(PATH, content=b" " * 5 * KIB * KIB)
        unannounced = await rest.post(PATH, content=in_chunks(6))
    for response in (announced, unannounced):
        assert (response.status_code, problem_code(response)) == (413, "content_too_large")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
async def test_other_methods_are_problems(method: str, bot: BotInside) -> None:
    async with rest_client(bot) as rest:
        response = await rest.request(method, PATH)
    assert (response.status_code, problem_code(response)) == (405, "method_not_allowed")
    assert response.headers["allow"] == "POST"


async def test_an_unknown_path_is_a_problem(bot: BotInside) -> None:
    async with rest_client(bot) as rest:
        response = await rest.get("/api/nothing")
    assert (response.status_code, problem_code(response)) == (404, "not_found")


async def test_a_user_over_the_limit_is_told_when_to_come_back(
    bots: BotsInside, user_id: str
) -> None:
    bot = bots(LLM_PROVIDER="offline", RATE_LIMIT_PER_MINUTE="1")
    async with rest_client(bot) as rest:
        codes = []
        # The minute may change between two questions, but not between all of three.
        for _ in range(3):
            response = await rest.post(PATH, json={"user_id": user_id, "question": "Hello!"})
            codes.append(response.status_code)
        assert codes.count(429) >= 1
        assert problem_code(response) == "rate_limited" or codes[-1] == 200
        assert response.headers.get("retry-after") == "60" or codes[-1] == 200


async def test_the_api_is_documented_with_its_problems(bot: BotInside) -> None:
    async with rest_client(bot) as rest:
        description = (await rest.get("/openapi.json")).json()
        assert (await rest.get("/docs")).status_code == 200
    post = description["paths"][PATH]["post"]
    assert {"200", "422", "429", "502"} <= post["responses"].keys()
    assert "text/event-stream" in post["responses"]["200"]["content"]
    schemas = description["components"]["schemas"]
    assert [name for name in SHOWN if "examples" not in schemas[name]] == []
    assert [path for path in description["paths"] if path.startswith("/api/chats")] == [
        "/api/chats/",
        "/api/chats/{chat_id}/messages",
        "/api/chats/{chat_id}/sessions",
        "/api/chats/{chat_id}/title",
        "/api/chats/{chat_id}/messages/{message_id}/feedback",
        PATH,
    ]


async def test_in_production_the_documentation_is_not_served() -> None:
    settings = OwnerSettings.model_construct(app_env=AppEnv.PRODUCTION, allowed_origins=())
    app = create_application(ApplicationContainer(settings=settings))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://bot") as http:
        for path in ("/openapi.json", "/docs", "/redoc"):
            assert (await http.get(path)).status_code == 404
        assert (await http.get("/health")).status_code == 200


async def test_while_a_person_has_the_chat_the_answers_are_empty_and_say_so(
    bot: BotInside, user_id: str
) -> None:
    async with rest_client(bot) as rest:
        first = await ask(rest, user_id, A_PERSON)
        assert first["handoff"] is True
        assert first["full_text"]
        silent = await ask(rest, user_id, "Hello?", chat_id=first["chat_id"])
        assert (silent["full_text"], silent["handoff"]) == ("", True)
        question = {"user_id": user_id, "question": "Hello?", "chat_id": first["chat_id"]}
        streamed = await rest.post(PATH, json={**question, "stream": True})
        events = events_in(streamed.text)
    assert [event["type"] for event in events] == ["start", "end"]
    assert events[-1]["handoff"] is True
