"""The Graph API client against a server that behaves, and against one that does not."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import httpx
import pytest
import pytest_asyncio

from app.core.service.whatsapp import typing_indicator
from app.core.service.whatsapp.typing_indicator import TypingIndicator
from app.core.service.whatsapp.whatsapp_service import (
    GraphOptions,
    RetryPolicy,
    WhatsAppService,
)
from domain.dto.whatsapp import SenderIdentity
from domain.exceptions.whatsapp import GraphError, GraphRefused, GraphUnavailable, GraphUncertain
from domain.graph_versions import DEFAULT_GRAPH_VERSION
from scripts.whatsapp_stand_in import GraphAnswer, GraphStandIn, graph_stand_in
from tests.support.waiting import eventually
from tests.support.whatsapp_channel import graph_error

pytestmark = pytest.mark.asyncio(loop_scope="module")

PERSON = SenderIdentity("551199990000", "BR.1")
QUICK = RetryPolicy(max_attempts=4, base_seconds=0.001, total_seconds=2.0)

OK = GraphAnswer(body={"messages": [{"id": "wamid.OK"}]})
DROPPED = GraphAnswer(drop=True)


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient() as http:
        yield http


@pytest_asyncio.fixture(loop_scope="module")
async def graph(http: httpx.AsyncClient) -> AsyncIterator[tuple[GraphStandIn, WhatsAppService]]:
    async with graph_stand_in() as stand_in:
        yield stand_in, service(http, stand_in.url)


def service(http: httpx.AsyncClient, url: str, retry: RetryPolicy = QUICK) -> WhatsAppService:
    return WhatsAppService(http, GraphOptions(url + "/", "1122334455667", "EAAx"), retry)


@asynccontextmanager
async def silent_server() -> AsyncIterator[str]:
    """Give the address of a server that takes requests and never answers."""

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            await reader.read()
        writer.close()

    server = await asyncio.start_server(listen, "127.0.0.1")
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


Graph = tuple[GraphStandIn, WhatsAppService]


@pytest.mark.parametrize(
    ("person", "address"),
    [
        (SenderIdentity("551199990000"), {"to": "551199990000"}),
        (SenderIdentity("551199990000", "BR.1"), {"to": "551199990000"}),
        (SenderIdentity(None, "BR.1"), {"recipient": "BR.1"}),
    ],
)
async def test_a_text_goes_to_the_id_as_it_was_received(
    graph: Graph, person: SenderIdentity, address: dict[str, str]
) -> None:
    stand_in, whatsapp = graph
    stand_in.answers_to[next(iter(address.values()))].append(OK)
    assert await whatsapp.send_text(person, "Olá 👋") == "wamid.OK"
    (call,) = stand_in.calls
    assert call.path == f"/{DEFAULT_GRAPH_VERSION}/1122334455667/messages"
    assert call.authorization == "Bearer EAAx"
    assert call.payload == {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        **address,
        "type": "text",
        "text": {"preview_url": False, "body": "Olá 👋"},
    }


async def test_one_request_marks_as_read_and_types(graph: Graph) -> None:
    stand_in, whatsapp = graph
    await whatsapp.mark_as_read_with_typing("wamid.A")
    (call,) = stand_in.calls
    assert call.payload == {
        "messaging_product": "whatsapp",
        "status": "read",
        "message_id": "wamid.A",
        "typing_indicator": {"type": "text"},
    }


@pytest.mark.parametrize(
    ("answers", "calls"),
    [
        ([graph_error(131000, 500), OK], 2),
        ([graph_error(130429, 429), graph_error(80007), OK], 3),
        ([GraphAnswer(503, "<html>"), OK], 2),
        ([graph_error(130429, 429, **{"Retry-After": "0.01"}), OK], 2),
        ([GraphAnswer(200, "<html>login</html>"), OK], 2),
        ([graph_error(341), OK], 2),
    ],
)
async def test_a_passing_failure_is_survived(
    graph: Graph, answers: list[GraphAnswer], calls: int
) -> None:
    stand_in, whatsapp = graph
    stand_in.answers_to["551199990000"].extend(answers)
    assert await whatsapp.send_text(PERSON, "Olá") == "wamid.OK"
    assert len(stand_in.calls) == calls


@pytest.mark.parametrize(
    ("answers", "error", "calls"),
    [
        ([graph_error(131047)], GraphRefused, 1),
        ([graph_error(190, 401)], GraphUnavailable, 1),
        ([graph_error(368)], GraphUnavailable, 1),
        ([graph_error(100)], GraphRefused, 1),
        ([graph_error(131000, 500)] * 9, GraphUnavailable, 4),
        ([GraphAnswer(200, "<html>")] * 9, GraphUnavailable, 4),
        # Whether to repeat what may have been accepted is the caller's business.
        ([DROPPED], GraphUncertain, 1),
        ([GraphAnswer(200, {"messages": []})], GraphUncertain, 1),
        ([graph_error(131000, 500), DROPPED], GraphUncertain, 2),
        # Waiting so long is the caller's business.
        ([graph_error(130429, 429, **{"Retry-After": "60"})] * 9, GraphUnavailable, 1),
        ([graph_error(131056)] * 9, GraphUnavailable, 1),
    ],
)
async def test_when_it_gives_up(
    graph: Graph, answers: list[GraphAnswer], error: type[GraphError], calls: int
) -> None:
    stand_in, whatsapp = graph
    stand_in.answers_to["551199990000"].extend(answers)
    with pytest.raises(error):
        await whatsapp.send_text(PERSON, "Olá")
    assert len(stand_in.calls) == calls


async def test_a_refused_connection_is_tried_again_until_the_end(http: httpx.AsyncClient) -> None:
    async with graph_stand_in() as gone:
        url = gone.url
    with pytest.raises(GraphUnavailable):
        await service(http, url).send_text(PERSON, "Olá")


@pytest.mark.parametrize(
    ("url", "token"),
    [("nonsense", "EAAx"), (None, "EAA\nx"), (None, "EAAé")],
)
async def test_a_malformed_setting_is_refused_and_not_repeated(
    http: httpx.AsyncClient, graph: Graph, url: str | None, token: str
) -> None:
    options = GraphOptions(url or graph[0].url, "1", token)
    with pytest.raises(GraphRefused):
        await WhatsAppService(http, options, QUICK).send_text(PERSON, "a")
    assert graph[0].calls == []


async def test_a_failing_read_mark_is_not_repeated(graph: Graph) -> None:
    stand_in, whatsapp = graph
    await stand_in.stop()
    with pytest.raises(GraphError):
        await whatsapp.mark_as_read_with_typing("wamid.A")


async def test_the_indicator_comes_again_until_there_is_a_reply(
    graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in, whatsapp = graph
    monkeypatch.setattr(typing_indicator, "_REPEAT_SECONDS", 0.01)
    async with TypingIndicator(whatsapp, "wamid.A") as indicator:
        indicator.show()
        await eventually(lambda: len(stand_in.calls) >= 3)
    shown = len(stand_in.calls)
    await asyncio.sleep(0.05)
    assert len(stand_in.calls) == shown


async def test_an_indicator_that_is_never_answered_does_not_hold_the_reply_up(
    http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(typing_indicator, "_LATE_SECONDS", 0.05)
    async with silent_server() as url:
        started_at = time.monotonic()
        async with TypingIndicator(service(http, url), "wamid.A") as indicator:
            indicator.show()
        assert 0.05 <= time.monotonic() - started_at < 1


async def test_an_indicator_that_nobody_shows_costs_no_request(graph: Graph) -> None:
    stand_in, whatsapp = graph
    async with TypingIndicator(whatsapp, "wamid.A"):
        pass
    assert stand_in.calls == []


async def test_the_token_is_in_no_representation() -> None:
    assert "EAAx" not in repr(GraphOptions("http://127.0.0.1", "1", "EAAx"))
