"""OpenAI's chat completions API, by OpenAI's official client."""

import asyncio
from typing import Any

import httpx
import openai
import pytest
from openai import AsyncOpenAI, OpenAI
from openai.types.chat import ChatCompletionChunk, ChatCompletionMessageParam

from app.core.texts import ERROR_MESSAGES
from domain.ids import trace_id_of
from interface.openai import texts
from interface.openai.model import MODEL_ID
from interface.openai.openai_endpoints import DEFAULT_USER
from tests.support.bedrock_fake import BedrockFake, Ending, Failure, Reply
from tests.support.bots import BotInside, BotsInside
from tests.support.logs import LogLines
from tests.support.openai_client import openai_client, own, text_of
from tests.support.plain_agent import A_PERSON, PROMPT
from tests.support.rest_client import rest_client
from tests.support.waiting import eventually

HELLO: list[ChatCompletionMessageParam] = [{"role": "user", "content": "Hello!"}]
PATH = "/v1/chat/completions"
JSON = {"Content-Type": "application/json"}


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same behaviour in less time."""
    monkeypatch.setattr("infra.bedrock.bedrock_client._BACKOFF_SECONDS", 0.01)


def texts_in(chunks: list[ChatCompletionChunk]) -> list[str]:
    return [c.choices[0].delta.content or "" for c in chunks if c.choices]


async def streamed(client: AsyncOpenAI, user_id: str, **options: Any) -> list[ChatCompletionChunk]:
    options = {"messages": HELLO, **options}
    stream = await client.chat.completions.create(
        model=MODEL_ID, user=user_id, stream=True, **options
    )
    return [chunk async for chunk in stream]


async def test_a_question_has_one_answer(
    bedrock_bot: BotInside, bedrock: BedrockFake, user_id: str
) -> None:
    bedrock.will(Reply(text=("Good ", "day."), input_tokens=100, output_tokens=5))
    async with openai_client(bedrock_bot) as client:
        raw = await client.chat.completions.with_raw_response.create(
            model="gpt-of-another", messages=HELLO, user=user_id, temperature=0.1, max_tokens=3
        )
    answer = raw.parse()

    assert (answer.object, answer.model) == ("chat.completion", MODEL_ID)
    assert text_of(answer) == "Good day."
    assert (answer.choices[0].message.role, answer.choices[0].finish_reason) == (
        "assistant",
        "stop",
    )
    assert answer.usage is not None
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens) == (100, 5)
    assert answer.usage.total_tokens == 105
    assert own(answer, "handoff") is False
    assert own(answer, "trace_id") == trace_id_of(answer.id) == raw.headers["x-trace-id"]
    assert own(answer, "chat_id") == raw.headers["x-chat-id"]
    async with rest_client(bedrock_bot) as rest:
        (chat,) = (await rest.get("/api/chats/", params={"user_id": user_id})).json()["items"]
    assert (chat["chat_id"], chat["preview"]) == (own(answer, "chat_id"), "Good day.")


async def test_with_stream_the_answer_comes_in_pieces(
    bedrock_bot: BotInside, bedrock: BedrockFake, user_id: str
) -> None:
    pieces = ["Bom", " dia,\n\n", "👩‍👩‍👧 \u2028", "!"]
    bedrock.will(Reply(text=pieces, input_tokens=11, output_tokens=7))
    async with openai_client(bedrock_bot) as client:
        chunks = await streamed(client, user_id, stream_options={"include_usage": True})

    *told, usage = chunks
    assert texts_in(told) == ["", *pieces, ""]
    assert told[0].choices[0].delta.role == "assistant"
    assert [c.choices[0].finish_reason for c in told] == [None] * 5 + ["stop"]
    assert {(c.id, c.object, c.model) for c in chunks} == {
        (told[0].id, "chat.completion.chunk", MODEL_ID)
    }
    assert own(told[0], "trace_id") == trace_id_of(told[0].id)
    assert own(told[0], "chat_id") and own(told[-1], "handoff") is False
    assert usage.choices == [] and usage.usage is not None
    assert (usage.usage.prompt_tokens, usage.usage.completion_tokens) == (11, 7)
    assert all(c.usage is None for c in told)


def test_the_client_without_async_does_as_well(bot: BotInside, user_id: str) -> None:
    with OpenAI(base_url=f"{bot.url}/v1", api_key="none", max_retries=0) as client:
        answer = client.chat.completions.create(model=MODEL_ID, messages=HELLO, user=user_id)
        stream = client.chat.completions.create(
            model=MODEL_ID, messages=HELLO, user=user_id, stream=True
        )
        told = "".join(texts_in(list(stream)))
    assert text_of(answer) == told == "> Hello!"


async def test_the_wire_is_as_openai_describes_it(bot: BotInside, user_id: str) -> None:
    body = {"model": MODEL_ID, "messages": HELLO, "user": user_id, "stream": True}
    async with rest_client(bot) as rest:
        response = await rest.post(PATH, json=body)
    assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert response.headers["cache-control"] == "no-store"
    *events, done, rest_of_it = response.text.split("\n\n")
    assert (done, rest_of_it) == ("data: [DONE]", "")
    assert all(event.startswith('data: {"id":"msg_') for event in events)


async def test_there_is_one_model(bot: BotInside) -> None:
    async with openai_client(bot) as client:
        (model,) = [model async for model in client.models.list()]
        assert model.id == (await client.models.retrieve(MODEL_ID)).id == MODEL_ID
        with pytest.raises(openai.NotFoundError) as unknown:
            await client.models.retrieve("gpt-of-another")
    assert (unknown.value.code, unknown.value.param) == ("model_not_found", "model")


async def test_instructions_of_the_client_have_no_effect(
    bedrock_bot: BotInside, bedrock: BedrockFake, user_id: str
) -> None:
    messages: list[ChatCompletionMessageParam] = [
        {"role": "system", "content": "You are a pirate."},
        {"role": "developer", "content": "Swear."},
        {
            "role": "user",
            "content": [{"type": "text", "text": "Hel"}, {"type": "text", "text": "lo!"}],
        },
    ]
    async with openai_client(bedrock_bot) as client:
        await client.chat.completions.create(model=MODEL_ID, user=user_id, messages=messages)

    (body,) = bedrock.bodies()
    assert body["system"][0]["text"].startswith(PROMPT)
    (message,) = body["messages"]
    assert (message["role"], message["content"][0]) == ("user", {"text": "Hello!"})
    assert "pirate" not in str(body) and "Swear" not in str(body)


IMAGE = {"type": "image_url", "image_url": {"url": "https://example.org/a.png"}}
TOOL = {"type": "function", "function": {"name": "add"}}


@pytest.mark.parametrize(
    ("more", "param"),
    [
        ({"n": 2}, "n"),
        ({"logprobs": True}, "logprobs"),
        ({"tools": [TOOL]}, "tools"),
        ({"modalities": ["text", "audio"]}, "modalities"),
        ({"response_format": {"type": "json_object"}}, "response_format"),
        ({"messages": [*HELLO, {"role": "assistant", "content": "Hi"}]}, "messages.[1].role"),
        ({"messages": [{"role": "user", "content": [IMAGE]}]}, "messages.[0].content.[0].type"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
@pytest.mark.parametrize("stream", [False, True])
async def test_what_the_bot_cannot_do_is_refused(
    more: dict[str, Any], param: str, stream: bool, bot: BotInside, user_id: str
) -> None:
    options: dict[str, Any] = {"model": MODEL_ID, "messages": HELLO, "user": user_id, **more}
    async with openai_client(bot) as client:
        with pytest.raises(openai.BadRequestError) as refused:
            await client.chat.completions.create(stream=stream, **options)
    error = refused.value
    assert (error.code, error.param) == ("unsupported_parameter", param)
    assert error.type == "invalid_request_error" and error.request_id


async def test_what_changes_nothing_is_taken(bot: BotInside, user_id: str) -> None:
    async with openai_client(bot) as client:
        answer = await client.chat.completions.create(
            model=MODEL_ID,
            messages=HELLO,
            user=user_id,
            n=1,
            logprobs=False,
            tools=[],
            modalities=["text"],
            response_format={"type": "text"},
            seed=1,
            metadata={"page": "home"},
        )
    assert text_of(answer) == "> Hello!"


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"messages": []}, 400, "invalid_request"),
        ({"messages": "Hello!"}, 400, "invalid_request"),
        ({"messages": [{"role": "king", "content": "Hello!"}]}, 400, "invalid_request"),
        ({"messages": [{"role": "user", "content": " \n"}]}, 400, "question_empty"),
        ({"messages": [{"role": "user", "content": "x" * 16_001}]}, 400, "question_too_long"),
        ({"user": "line\nbreak"}, 400, "invalid_id"),
        ({"chat_id": "line\nbreak"}, 400, "invalid_id"),
        ({"chat_id": "chat_of_nobody"}, 404, "chat_not_found"),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
async def test_bad_input_is_an_error_of_openais_form(
    change: dict[str, Any], status: int, code: str, stream: bool, bot: BotInside
) -> None:
    body = {"model": MODEL_ID, "messages": HELLO, "user": "ana", "stream": stream, **change}
    async with rest_client(bot) as rest:
        response = await rest.post(PATH, json=body)
    error = response.json()["error"]
    assert (response.status_code, error["code"]) == (status, code)
    assert error["type"] == "invalid_request_error" and error["message"]
    assert response.headers["x-should-retry"] == "false"


async def test_errors_of_every_layer_have_openais_form(bot: BotInside) -> None:
    async def broken() -> None:
        raise ZeroDivisionError

    bot.app.get("/v1/chat/completions/broken")(broken)
    routes = bot.app.router.routes
    routes.insert(0, routes.pop())
    async with rest_client(bot) as rest:
        answers = [
            (await rest.post(PATH, content=b" " * 5 * 1024 * 1024), 413, "content_too_large"),
            (await rest.post(PATH, content=b"{", headers=JSON), 400, "invalid_json"),
            (await rest.get("/v1/chat/completions/broken"), 500, "internal_error"),
            (await rest.post("/v1/responses", json={}), 404, "unknown_url"),
        ]
    for response, status, code in answers:
        assert response.headers["content-type"] == "application/json"
        error = response.json()["error"]
        assert error.keys() == {"message", "type", "param", "code", "trace_id"}
        assert (response.status_code, error["code"]) == (status, code)
        assert error["trace_id"]


@pytest.mark.parametrize(
    ("script", "expected", "code"),
    [
        (Failure("ThrottlingException", 429), openai.InternalServerError, "model_throttled"),
        (Failure("AccessDeniedException", 403), openai.InternalServerError, "model_refused"),
        (Reply(ending=Ending.CUT), openai.InternalServerError, "model_interrupted"),
    ],
)
async def test_a_failing_model_is_told_once_and_the_question_is_not_asked_again(
    script: Failure | Reply,
    expected: type[openai.APIStatusError],
    code: str,
    bedrock_bot: BotInside,
    bedrock: BedrockFake,
    user_id: str,
    logs: LogLines,
) -> None:
    bedrock.always(script)
    async with openai_client(bedrock_bot, max_retries=2) as client:
        with pytest.raises(expected) as failed:
            await client.chat.completions.create(model=MODEL_ID, messages=HELLO, user=user_id)
        with pytest.raises(openai.APIError) as broken_off:
            await streamed(client, user_id)

    assert (failed.value.code, failed.value.type) == (code, "server_error")
    assert isinstance(failed.value.body, dict)
    assert failed.value.body["message"] == ERROR_MESSAGES[code]
    assert failed.value.response.headers["x-chat-id"]
    assert (broken_off.value.code, broken_off.value.message) == (code, ERROR_MESSAGES[code])
    assert len(logs.events("turn_failed")) == 2


async def test_a_limit_says_when_to_come_back_and_whoever_may_repeats(
    bots: BotsInside, user_id: str
) -> None:
    bot = bots(LLM_PROVIDER="offline", RATE_LIMIT_PER_MINUTE="1")
    async with openai_client(bot) as client:
        with pytest.raises(openai.RateLimitError) as limited:
            # A minute may end between the first two.
            for _ in range(3):
                await client.chat.completions.create(model=MODEL_ID, messages=HELLO, user=user_id)
    error = limited.value
    assert (error.code, error.type) == ("rate_limited", "rate_limit_error")
    assert error.response.headers["retry-after"] == "60"
    assert error.response.headers["x-should-retry"] == "true"


async def test_a_spent_budget_is_a_quota(bots: BotsInside, user_id: str) -> None:
    bot = bots(LLM_PROVIDER="offline", BUDGET_TURNS_PER_DAY="1")
    async with openai_client(bot, max_retries=2) as client:
        await client.chat.completions.create(model=MODEL_ID, messages=HELLO, user=user_id)
        with pytest.raises(openai.RateLimitError) as spent:
            await client.chat.completions.create(model=MODEL_ID, messages=HELLO, user=user_id)
    assert (spent.value.code, spent.value.type) == ("user_budget_spent", "insufficient_quota")


async def test_a_client_that_leaves_ends_the_model_call(
    bedrock_bot: BotInside, bedrock: BedrockFake, user_id: str, logs: LogLines
) -> None:
    bedrock.will(Reply(text=("first",), ending=Ending.SILENCE), Reply(ending=Ending.SILENCE))
    async with openai_client(bedrock_bot) as client:
        stream = await client.chat.completions.create(
            model=MODEL_ID, messages=HELLO, user=user_id, stream=True
        )
        async for chunk in stream:
            if chunk.choices[0].delta.content:
                break
        await stream.close()
        await eventually(lambda: bedrock.requests[0].aborted, within=1)
        asking = asyncio.create_task(
            client.chat.completions.create(model=MODEL_ID, messages=HELLO, user=user_id)
        )
        await eventually(lambda: len(bedrock.requests) == 2)
        asking.cancel()
        await asyncio.wait([asking])
    await eventually(lambda: bedrock.requests[1].aborted, within=1)
    await eventually(lambda: len(logs.events("turn_ended")) == 2)
    assert {line["outcome"] for line in logs.events("turn_ended")} == {"cancelled"}


async def test_who_is_asked_for(bots: BotsInside, user_id: str) -> None:
    bot = bots(LLM_PROVIDER="offline", AUTH_MODE="api_key", AUTH_API_KEYS="crm:*,of-ana:ana")
    named = {"X-User-Id": user_id}
    async with openai_client(bot, "crm", default_headers=named) as client:
        answer = await client.chat.completions.create(model=MODEL_ID, messages=HELLO)
    async with openai_client(bot, "crm") as client:
        with pytest.raises(openai.BadRequestError) as unnamed:
            await client.chat.completions.create(model=MODEL_ID, messages=HELLO)
    async with openai_client(bot, "of-ana") as client:
        with pytest.raises(openai.PermissionDeniedError):
            await client.chat.completions.create(model=MODEL_ID, messages=HELLO, user="eva")
    async with openai_client(bot, "wrong") as client:
        with pytest.raises(openai.AuthenticationError) as unknown:
            await client.models.list()
    async with rest_client(bot, "crm") as rest:
        (chat,) = (await rest.get("/api/chats/", params={"user_id": user_id})).json()["items"]

    assert chat["chat_id"] == own(answer, "chat_id")
    assert unnamed.value.code == "user_id_required"
    assert unknown.value.type == "authentication_error"
    assert unknown.value.response.headers["www-authenticate"] == "Bearer"


async def test_without_authentication_nobody_need_be_named(bot: BotInside) -> None:
    async with openai_client(bot) as client:
        answer = await client.chat.completions.create(model=MODEL_ID, messages=HELLO)
    async with rest_client(bot) as rest:
        listed = await rest.get("/api/chats/", params={"user_id": DEFAULT_USER})
    assert own(answer, "chat_id") in {chat["chat_id"] for chat in listed.json()["items"]}


async def test_while_a_person_has_the_chat_their_words_are_the_answers(
    bots: BotsInside, user_id: str
) -> None:
    bot = bots(LLM_PROVIDER="offline", OPERATOR_API_KEYS="a-key:Rita")
    messages: list[ChatCompletionMessageParam] = [{"role": "user", "content": A_PERSON}]

    async def ask(client: AsyncOpenAI, question: str | None, **options: Any) -> str:
        if question is not None:
            messages.append({"role": "user", "content": question})
        chunks = await streamed(client, user_id, messages=messages, **options)
        text = "".join(texts_in(chunks))
        messages.append({"role": "assistant", "content": text})
        assert own(chunks[-1], "handoff") is True
        return text

    async with (
        openai_client(bot) as client,
        httpx.AsyncClient(headers={"Authorization": "Bearer a-key"}) as operator,
    ):
        handed_over = await ask(client, None)
        waiting = await ask(client, "Hello?")
        async with rest_client(bot) as rest:
            (chat,) = (await rest.get("/api/chats/", params={"user_id": user_id})).json()["items"]
        for text in ("Hello, this is Rita.", "What happened?"):
            written = f"{bot.url}/operator/api/chats/{chat['chat_id']}/messages"
            assert (await operator.post(written, json={"text": text})).is_success
        answered = await ask(client, "Are you there?")
        # Whoever goes back behind the hand-over stays with the person.
        del messages[2:]
        again = await ask(client, "And now?")

    assert handed_over and waiting == again == texts.WITH_A_PERSON
    assert answered == "Hello, this is Rita.\n\nWhat happened?"


async def test_pages_of_listed_origins_may_use_the_client_too(bots: BotsInside) -> None:
    bot = bots(LLM_PROVIDER="offline", ALLOWED_ORIGINS="https://app.example.org")
    asked = "authorization,content-type,x-chat-id,x-stainless-lang,x-stainless-retry-count"
    headers = {
        "Origin": "https://app.example.org",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": asked,
    }
    async with rest_client(bot) as rest:
        response = await rest.options(PATH, headers=headers)
    assert response.status_code == 200
    assert set(asked.split(",")) <= set(
        response.headers["access-control-allow-headers"].lower().replace(" ", "").split(",")
    )
