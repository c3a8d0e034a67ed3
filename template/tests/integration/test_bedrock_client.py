"""ConverseStream on the wire: what is asked of Bedrock, and what becomes of each of its answers."""

import asyncio
import json
import threading
import time
from contextlib import aclosing
from typing import Any

import pytest

from domain.exceptions.model import (
    ModelError,
    ModelInterrupted,
    ModelRefused,
    ModelThrottled,
    ModelTimeout,
)
from infra.aws.aws_connection import AwsConnection, AwsOptions
from infra.bedrock.bedrock_client import BedrockClient
from tests.support.bedrock_fake import (
    BedrockFake,
    Ending,
    Failure,
    Hangup,
    Reply,
    Script,
    Silence,
)
from tests.support.waiting import eventually

MODULE = "infra.bedrock.bedrock_client"
ATTEMPTS = 4
REQUEST = {
    "modelId": "us.anthropic.claude-sonnet-5-5",
    "messages": [{"role": "user", "content": [{"text": "Olá"}]}],
}


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same behaviour in less time."""
    monkeypatch.setattr(f"{MODULE}._BACKOFF_SECONDS", 0.01)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is silent is given up soon."""
    monkeypatch.setattr(f"{MODULE}._SILENCE_SECONDS", 0.2)


async def events_of(client: BedrockClient, request: dict[str, Any] = REQUEST) -> list[Any]:
    return [event async for event in client.converse_stream(request)]


def text_of(events: list[Any]) -> str:
    return "".join(e["contentBlockDelta"]["delta"]["text"] for e in events if is_delta(e))


def is_delta(event: dict[str, Any]) -> bool:
    return "contentBlockDelta" in event


async def test_the_events_of_an_answer_arrive_as_bedrock_sent_them(
    bedrock_client: BedrockClient, bedrock: BedrockFake
) -> None:
    bedrock.will(Reply(text=("Bom ", "dia, ", "👩‍👩‍👧!"), input_tokens=3, output_tokens=4))
    events = await events_of(bedrock_client)
    assert [next(iter(event)) for event in events] == [
        "messageStart",
        "contentBlockDelta",
        "contentBlockDelta",
        "contentBlockDelta",
        "contentBlockStop",
        "messageStop",
        "metadata",
    ]
    assert text_of(events) == "Bom dia, 👩‍👩‍👧!"
    assert events[-1]["metadata"]["usage"] == {
        "inputTokens": 3,
        "outputTokens": 4,
        "totalTokens": 7,
        "cacheReadInputTokens": 0,
        "cacheWriteInputTokens": 0,
    }


async def test_the_request_names_its_model_in_the_path_and_is_signed(
    bedrock_client: BedrockClient, bedrock: BedrockFake
) -> None:
    model = "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc"
    await events_of(bedrock_client, {**REQUEST, "modelId": model})
    (request,) = bedrock.requests
    assert bedrock.model_ids() == [model]
    assert "/" not in request.path.removeprefix("/model/").removesuffix("/converse-stream")
    assert json.loads(request.body) == {"messages": REQUEST["messages"]}
    scope = "/us-east-1/bedrock/aws4_request"
    assert request.headers["authorization"].startswith("AWS4-HMAC-SHA256 Credential=local/")
    assert scope in request.headers["authorization"]


async def test_a_bedrock_api_key_takes_the_place_of_the_signature(
    bedrock_client: BedrockClient, bedrock: BedrockFake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_BEARER_TOKEN_BEDROCK", "key-1")
    await events_of(bedrock_client)
    assert bedrock.requests[0].headers["authorization"] == "Bearer key-1"


async def test_text_is_delivered_while_the_rest_is_still_to_come(
    bedrock_client: BedrockClient, bedrock: BedrockFake
) -> None:
    bedrock.will(Reply(text=("first ", "second"), ending=Ending.SILENCE))
    async with aclosing(bedrock_client.converse_stream(REQUEST)) as events:
        arrived = [await anext(events) for _ in range(3)]
    assert text_of(arrived) == "first second"


NOT_RETRIED = 1
RETRIED = ATTEMPTS


@pytest.mark.parametrize(
    ("script", "error", "requests"),
    [
        (Failure("ThrottlingException", 429), ModelThrottled, RETRIED),
        (Failure("ModelNotReadyException", 429), ModelThrottled, RETRIED),
        (Failure("ServiceQuotaExceededException", 400), ModelThrottled, RETRIED),
        (Failure("", 429), ModelThrottled, RETRIED),
        (Failure("ModelTimeoutException", 408), ModelTimeout, RETRIED),
        (Failure("InternalServerException", 500), ModelError, RETRIED),
        (Failure("ServiceUnavailableException", 503), ModelError, RETRIED),
        (Failure("ModelErrorException", 424), ModelError, RETRIED),
        (Failure("", 502), ModelError, RETRIED),
        (Failure("ModelStreamErrorException", 424), ModelInterrupted, RETRIED),
        (Failure("AccessDeniedException", 403), ModelRefused, NOT_RETRIED),
        (Failure("ValidationException", 400), ModelRefused, NOT_RETRIED),
        (Failure("ResourceNotFoundException", 404), ModelRefused, NOT_RETRIED),
        (Failure("UnrecognizedClientException", 403), ModelRefused, NOT_RETRIED),
        (Failure("ExpiredTokenException", 403), ModelRefused, NOT_RETRIED),
        (Hangup(), ModelError, RETRIED),
        (Reply(text=(), ending=Ending.CUT), ModelInterrupted, RETRIED),
        (Reply(text=(), ending=Ending.NO_STOP), ModelInterrupted, RETRIED),
        (Reply(text=(), ending=Ending.GARBAGE), ModelInterrupted, RETRIED),
        (Reply(text=(), exception="throttlingException"), ModelThrottled, RETRIED),
        (Reply(text=(), exception="serviceUnavailableException"), ModelError, RETRIED),
        (Reply(text=(), exception="validationException"), ModelRefused, NOT_RETRIED),
        (Reply(ending=Ending.CUT), ModelInterrupted, NOT_RETRIED),
        (Reply(ending=Ending.NO_STOP), ModelInterrupted, NOT_RETRIED),
        (Reply(ending=Ending.GARBAGE), ModelInterrupted, NOT_RETRIED),
        (Reply(exception="throttlingException"), ModelThrottled, NOT_RETRIED),
        (Reply(exception="modelStreamErrorException"), ModelInterrupted, NOT_RETRIED),
        (Reply(exception="internalServerException"), ModelError, NOT_RETRIED),
        (Reply(tool="look_up", exception="throttlingException"), ModelThrottled, NOT_RETRIED),
    ],
)
async def test_a_failure_has_its_kind_and_is_retried_only_before_the_first_of_the_answer(
    script: Script,
    error: type[ModelError],
    requests: int,
    bedrock_client: BedrockClient,
    bedrock: BedrockFake,
) -> None:
    bedrock.always(script)
    with pytest.raises(ModelError) as failure:
        await events_of(bedrock_client)
    assert type(failure.value) is error
    assert len(bedrock.requests) == requests


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    ("script", "requests"),
    [
        (Silence(), RETRIED),
        (Reply(text=(), ending=Ending.SILENCE), RETRIED),
        (Reply(ending=Ending.SILENCE), NOT_RETRIED),
    ],
)
async def test_silence_is_a_time_out_and_is_retried_only_before_the_first_of_the_answer(
    script: Script, requests: int, bedrock_client: BedrockClient, bedrock: BedrockFake
) -> None:
    bedrock.always(script)
    with pytest.raises(ModelTimeout):
        await events_of(bedrock_client)
    assert len(bedrock.requests) == requests


@pytest.mark.parametrize(
    "script",
    [
        Failure("ThrottlingException", 429),
        Hangup(),
        Reply(text=(), ending=Ending.CUT),
        Reply(text=(), ending=Ending.NO_STOP),
    ],
)
async def test_a_failure_that_passes_is_not_noticed(
    script: Script, bedrock_client: BedrockClient, bedrock: BedrockFake
) -> None:
    bedrock.will(script, script, script, Reply(text=("There.",)))
    assert text_of(await events_of(bedrock_client)) == "There."
    assert len(bedrock.requests) == ATTEMPTS


@pytest.mark.usefixtures("impatient")
async def test_a_silence_that_passes_is_not_noticed(
    bedrock_client: BedrockClient, bedrock: BedrockFake
) -> None:
    bedrock.will(Silence(), Silence(), Silence(), Reply(text=("There.",)))
    assert text_of(await events_of(bedrock_client)) == "There."
    assert len(bedrock.requests) == ATTEMPTS


async def test_retries_wait_longer_each_time(
    bedrock_client: BedrockClient, bedrock: BedrockFake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"{MODULE}._BACKOFF_SECONDS", 0.1)
    bedrock.always(Failure("ThrottlingException", 429))
    started = time.monotonic()
    with pytest.raises(ModelThrottled):
        await events_of(bedrock_client)
    # Each wait is between half of its bound and its bound: 0.1, 0.2 and 0.4 s.
    assert time.monotonic() - started >= 0.35


async def test_an_endpoint_that_nobody_serves_is_an_unavailable_model() -> None:
    connection = AwsConnection(AwsOptions("us-east-1", bedrock_endpoint_url="http://127.0.0.1:9"))
    client = BedrockClient(connection)
    await client.start()
    with pytest.raises(ModelError) as failure:
        await events_of(client)
    assert type(failure.value) is ModelError
    await client.stop()
    await connection.stop()


@pytest.mark.parametrize(
    "script",
    [Reply(ending=Ending.SILENCE), Reply(text=(), ending=Ending.SILENCE), Silence()],
)
@pytest.mark.parametrize("how", ["cancelled", "closed"])
async def test_a_call_that_nobody_waits_for_ends_at_bedrock(
    how: str, script: Script, bedrock_client: BedrockClient, bedrock: BedrockFake
) -> None:
    bedrock.will(script)
    events = bedrock_client.converse_stream(REQUEST)
    reading = asyncio.create_task(read_until_closed(events, stop_after_text=how == "closed"))
    await eventually(lambda: len(bedrock.requests) == 1)
    await asyncio.sleep(0.05)
    reading.cancel()
    await asyncio.wait([reading])
    await eventually(lambda: bedrock.requests[0].aborted, within=1)


async def read_until_closed(events: Any, stop_after_text: bool) -> None:
    async with aclosing(events):
        async for event in events:
            if stop_after_text and is_delta(event):
                return


async def test_a_hundred_calls_at_once_take_no_thread(
    bedrock_client: BedrockClient, bedrock: BedrockFake
) -> None:
    bedrock.always(Reply(text=("one ", "two"), pause=0.1))
    await events_of(bedrock_client)
    threads = threading.active_count()
    calls = [asyncio.create_task(events_of(bedrock_client)) for _ in range(100)]
    await asyncio.sleep(0.15)
    during = threading.active_count()
    answers = await asyncio.gather(*calls)
    assert during == threads
    assert {text_of(events) for events in answers} == {"one two"}


async def test_bytes_travel_as_base64(bedrock_client: BedrockClient, bedrock: BedrockFake) -> None:
    image = {"image": {"format": "png", "source": {"bytes": b"\x89PNG"}}}
    await events_of(bedrock_client, {**REQUEST, "messages": [{"role": "user", "content": [image]}]})
    (body,) = bedrock.bodies()
    assert body["messages"][0]["content"][0]["image"]["source"]["bytes"] == "iVBORw=="
