"""The functions behind the WebSocket API, down to what no emulated gateway shows."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from http import HTTPStatus
from typing import Any

import httpx
import pytest

from app.core.service.auth.auth_service import AuthService
from app.core.service.connection.chat_followers import ChatFollowers
from app.core.settings_owner import OwnerSettings
from app.dependency_injection.function_container import FunctionContainer, function_container
from app.dependency_injection.lifecycle import running
from domain.dto.chat import ChatRequest
from domain.dto.connection import TurnOrder
from domain.dto.following import Payload
from domain.exceptions.connection import ConnectionGone, TurnInProgress, TurnNotStarted
from domain.ids import new_id
from infra.repositories import connection_repository
from infra.repositories.connection_repository import ConnectionRepository
from interface.aws_lambda import turn_function
from interface.aws_lambda.socket_function import SocketFunction
from interface.aws_lambda.turn_function import TurnFunction, greet
from tests.support.bedrock_fake import BedrockFake, Ending, Reply
from tests.support.plain_container import make_plain
from tests.support.tables import Tables
from tests.support.token_issuer import AUDIENCE, TokenIssuer
from tests.support.waiting import eventually

KEYS = "key-of-ana:ana,key-of-the-crm:*"
QUESTION = '{"user_id": "ana", "question": "Hello!"}'


class Clients:
    """Everybody who is connected; `gone` are those that cannot be reached."""

    def __init__(self) -> None:
        self.events: list[Payload] = []
        self.gone: set[str] = set()
        self.disconnected: list[str] = []

    async def send(self, connection_id: str, payload: Payload) -> None:
        if connection_id in self.gone:
            raise ConnectionGone(connection_id)
        self.events.append(payload)

    async def disconnect(self, connection_id: str) -> None:
        self.disconnected.append(connection_id)

    @property
    def codes(self) -> list[object]:
        return [event.get("code") for event in self.events]

    @property
    def types(self) -> list[object]:
        return [event["type"] for event in self.events]


class Calls:
    """The calls of the function that runs turns."""

    def __init__(self) -> None:
        self.greeted: list[str] = []
        self.orders: list[TurnOrder] = []
        self.is_away = False

    async def greet(self, connection_id: str) -> None:
        self.greeted.append(connection_id)

    async def answer(self, order: TurnOrder) -> None:
        if self.is_away:
            raise TurnNotStarted("away")
        self.orders.append(order)


@pytest.fixture
def clients() -> Clients:
    return Clients()


@pytest.fixture
def calls() -> Calls:
    return Calls()


@pytest.fixture
async def parts(
    dynamodb_endpoint: str, table: str, bedrock: BedrockFake
) -> AsyncIterator[FunctionContainer]:
    """The bot's parts, started."""
    container = function_container(
        OwnerSettings(
            aws_endpoint_url_dynamodb=dynamodb_endpoint,
            aws_endpoint_url_bedrock_runtime=bedrock.url,
            ddb_table=table,
            auth_mode="api_key",
            auth_api_keys=KEYS,
            allowed_origins="https://app.example.org",
        )
    )
    make_plain(container)
    async with running(container):
        yield container


@pytest.fixture
def connections(parts: FunctionContainer) -> ConnectionRepository:
    repository: ConnectionRepository = parts.connections.connection_repository()
    return repository


@pytest.fixture
def socket(
    parts: FunctionContainer, connections: ConnectionRepository, clients: Clients, calls: Calls
) -> SocketFunction:
    chats = parts.repositories.chat_repository()
    return SocketFunction(
        settings=parts.settings(),
        auth_service=parts.services.auth_service(),
        connections=connections,
        followers=ChatFollowers(connections, chats, clients),
        feedback_service=parts.services.feedback_service(),
        chats=chats,
        sender=clients,
        turns=calls,
    )


@pytest.fixture
def issuer() -> Iterator[TokenIssuer]:
    server = TokenIssuer()
    yield server
    server.close()


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient() as http:
        yield http


@pytest.fixture
def turns(
    parts: FunctionContainer, connections: ConnectionRepository, clients: Clients
) -> TurnFunction:
    chats = parts.repositories.chat_repository()
    return TurnFunction(
        parts.services.chat_service(),
        connections,
        ChatFollowers(connections, chats, clients),
        clients,
    )


def event(kind: str, connection_id: str, **more: Any) -> dict[str, Any]:
    """Return an event of API Gateway."""
    return {"requestContext": {"connectionId": connection_id, "eventType": kind}, **more}


def message(connection_id: str, body: str = QUESTION, **more: Any) -> dict[str, Any]:
    return event("MESSAGE", connection_id, body=body, **more)


def order(connection_id: str, **more: Any) -> TurnOrder:
    request = ChatRequest(user_id="ana", question="Hello!", stream=True, channel="websocket")
    return TurnOrder(**{**_order_of(connection_id, request), **more})


def _order_of(connection_id: str, request: ChatRequest) -> dict[str, Any]:
    return {
        "connection_id": connection_id,
        "turn_id": new_id("turn"),
        "accepted_at": time.time(),
        "request": request,
    }


@pytest.fixture
async def connection_id(connections: ConnectionRepository) -> str:
    """Somebody who is connected and named in each request."""
    name = new_id("conn")
    await connections.open(name, None)
    return name


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, HTTPStatus.UNAUTHORIZED),
        ({"Authorization": "Bearer wrong"}, HTTPStatus.UNAUTHORIZED),
        ({"Authorization": "Basic key-of-ana"}, HTTPStatus.UNAUTHORIZED),
        ({"Sec-WebSocket-Protocol": "bearer.wrong"}, HTTPStatus.UNAUTHORIZED),
        ({"Sec-WebSocket-Protocol": "chat"}, HTTPStatus.UNAUTHORIZED),
        (
            {"Authorization": "Bearer key-of-ana", "Origin": "https://evil.example"},
            HTTPStatus.FORBIDDEN,
        ),
        ({"Authorization": "Bearer key-of-ana", "Origin": "null"}, HTTPStatus.FORBIDDEN),
        (
            {"authorization": "bearer key-of-ana", "origin": "https://app.example.org"},
            HTTPStatus.OK,
        ),
        ({"Authorization": "Bearer key-of-the-crm"}, HTTPStatus.OK),
    ],
)
async def test_the_handshake_has_the_status_of_its_credential_and_origin(
    headers: dict[str, str],
    status: HTTPStatus,
    socket: SocketFunction,
    connections: ConnectionRepository,
    calls: Calls,
) -> None:
    response = await socket.handle(event("CONNECT", "conn", headers=headers))

    assert response["statusCode"] == status
    is_let_in = status is HTTPStatus.OK
    assert calls.greeted == (["conn"] if is_let_in else [])
    assert (await connections.find("conn") is not None) is is_let_in


async def test_the_subprotocol_that_carries_the_credential_is_echoed(
    socket: SocketFunction,
) -> None:
    headers = {"Sec-WebSocket-Protocol": "chat, bearer.key-of-ana"}

    response = await socket.handle(event("CONNECT", "conn", headers=headers))

    assert response["headers"] == {"Sec-WebSocket-Protocol": "bearer.key-of-ana"}


async def test_a_question_is_recorded_and_handed_over_for_the_user_of_the_credential(
    socket: SocketFunction, calls: Calls, connections: ConnectionRepository
) -> None:
    await socket.handle(event("CONNECT", "conn", headers={"Authorization": "Bearer key-of-ana"}))
    await socket.handle(message("conn", '{"question": "Hello!", "stream": true}'))

    (ordered,) = calls.orders
    assert (ordered.request.user_id, ordered.request.stream) == ("ana", True)
    known = await connections.find("conn")
    assert known is not None and known.turn_id == ordered.turn_id


async def test_one_turn_at_a_time_until_its_place_is_free(
    socket: SocketFunction,
    connection_id: str,
    clients: Clients,
    calls: Calls,
    connections: ConnectionRepository,
) -> None:
    await socket.handle(message(connection_id))
    await socket.handle(message(connection_id))
    assert clients.codes == ["turn_in_progress"]

    await connections.end_turn(connection_id, calls.orders[0].turn_id)
    await socket.handle(message(connection_id))
    assert len(calls.orders) == 2


async def test_of_two_questions_at_once_one_takes_the_place(
    connections: ConnectionRepository, connection_id: str
) -> None:
    outcomes = await asyncio.gather(
        *(connections.begin_turn(connection_id, new_id("turn")) for _ in range(10)),
        return_exceptions=True,
    )
    assert outcomes.count(None) == 1
    assert {type(outcome) for outcome in outcomes if outcome} == {TurnInProgress}


async def test_the_place_of_a_turn_that_broke_off_is_free_after_its_time(
    connections: ConnectionRepository, connection_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection_repository, "_TURN_SECONDS", -5)
    await connections.begin_turn(connection_id, "turn_1")
    await connections.begin_turn(connection_id, "turn_2")

    # The first one does not free what is no longer its own.
    await connections.end_turn(connection_id, "turn_1")
    await connections.cancel_turn(connection_id, "turn_2")
    known = await connections.find(connection_id)
    assert known is not None and known.cancelled_turn_id == "turn_2"


async def test_a_question_that_cannot_be_handed_over_is_an_error_and_frees_the_place(
    socket: SocketFunction, connection_id: str, clients: Clients, calls: Calls
) -> None:
    calls.is_away = True
    await socket.handle(message(connection_id))
    assert clients.codes == ["internal_error"]

    calls.is_away = False
    await socket.handle(message(connection_id))
    assert len(calls.orders) == 1


@pytest.mark.parametrize(
    ("body", "more", "code"),
    [
        ("AAEC", {"isBase64Encoded": True}, "binary_not_supported"),
        ("[" * 100_000, {}, "invalid_json"),
        ('{"a":' * 10_000, {}, "invalid_json"),
        ("", {}, "invalid_json"),
    ],
)
async def test_what_is_no_question_is_one_error(
    body: str,
    more: dict[str, Any],
    code: str,
    socket: SocketFunction,
    connection_id: str,
    clients: Clients,
) -> None:
    await socket.handle(message(connection_id, body, **more))
    assert clients.codes == [code]


async def test_a_client_in_a_loop_of_bad_messages_is_cut_off(
    socket: SocketFunction, connection_id: str, clients: Clients
) -> None:
    for _ in range(210):
        await socket.handle(message(connection_id, "not json"))
        if clients.disconnected:
            break
    assert set(clients.disconnected) == {connection_id}
    assert len(clients.events) > 100


async def test_a_client_in_a_loop_of_asking_to_follow_is_cut_off(
    socket: SocketFunction, connection_id: str, clients: Clients
) -> None:
    follow = '{"type": "follow", "user_id": "ana", "chat_id": "chat_1"}'
    for _ in range(70):
        await socket.handle(message(connection_id, follow))
        if clients.disconnected:
            break
    assert set(clients.disconnected) == {connection_id}
    assert len(clients.events) >= 30


async def test_a_connection_holds_as_long_as_the_token_that_opened_it(
    parts: FunctionContainer,
    connections: ConnectionRepository,
    clients: Clients,
    calls: Calls,
    issuer: TokenIssuer,
    http: httpx.AsyncClient,
) -> None:
    chats = parts.repositories.chat_repository()
    settings = OwnerSettings(
        auth_mode="jwt",
        auth_jwks_url=issuer.jwks_url,
        auth_jwt_issuer=issuer.url,
        auth_jwt_audience=AUDIENCE,
    )
    socket = SocketFunction(
        settings=settings,
        auth_service=AuthService(settings, http),
        connections=connections,
        followers=ChatFollowers(connections, chats, clients),
        feedback_service=parts.services.feedback_service(),
        chats=chats,
        sender=clients,
        turns=calls,
    )
    ends_at = int(time.time()) + 300
    token = issuer.token(issuer.claims(exp=ends_at))

    await socket.handle(event("CONNECT", "conn", headers={"Authorization": f"Bearer {token}"}))

    known = await connections.find("conn")
    assert known is not None and known.valid_until is not None
    assert ends_at <= known.valid_until <= ends_at + 60


async def test_a_client_whose_credential_has_expired_is_cut_off(
    socket: SocketFunction, connections: ConnectionRepository, clients: Clients, calls: Calls
) -> None:
    await connections.open("conn", "ana", time.time() - 1)

    await socket.handle(message("conn"))

    assert clients.disconnected == ["conn"]
    assert calls.orders == []


async def test_a_message_of_a_connection_that_is_closed_costs_nothing(
    socket: SocketFunction, clients: Clients, calls: Calls
) -> None:
    await socket.handle(message("conn_closed"))
    assert (clients.events, calls.orders) == ([], [])


async def test_a_turn_ends_the_place_before_it_tells_that_it_is_over(
    turns: TurnFunction,
    connection_id: str,
    connections: ConnectionRepository,
    clients: Clients,
    bedrock: BedrockFake,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bedrock.will(Reply(text=("Good ", "day.")))
    free_when_told: list[bool] = []
    send = clients.send

    async def look_and_send(connection: str, payload: Payload) -> None:
        if payload["type"] == "end":
            known = await connections.find(connection)
            free_when_told.append(known is not None and known.turn_id is None)
        await send(connection, payload)

    monkeypatch.setattr(clients, "send", look_and_send)
    ordered = order(connection_id)
    await connections.begin_turn(connection_id, ordered.turn_id)
    await turns.answer(ordered)

    assert clients.types[0] == "start"
    assert clients.types[-2:] == ["agent_response", "end"]
    assert free_when_told == [True]


async def test_a_call_that_lambda_repeats_is_an_error_and_no_second_answer(
    turns: TurnFunction,
    connection_id: str,
    connections: ConnectionRepository,
    clients: Clients,
    bedrock: BedrockFake,
) -> None:
    late = order(connection_id, accepted_at=time.time() - 60)
    await connections.begin_turn(connection_id, late.turn_id)
    await turns.answer(late)

    assert clients.codes == ["model_timeout"]
    assert bedrock.requests == []
    await connections.begin_turn(connection_id, "turn_next")


@pytest.mark.parametrize("how", ["unreachable", "disconnected"])
async def test_a_client_that_left_ends_the_model_call_and_its_session(
    how: str,
    turns: TurnFunction,
    socket: SocketFunction,
    connection_id: str,
    connections: ConnectionRepository,
    clients: Clients,
    bedrock: BedrockFake,
    tables: Tables,
    table: str,
) -> None:
    bedrock.will(Reply(text=("first ", "second "), pause=0.3, ending=Ending.SILENCE))
    ordered = order(connection_id)
    await connections.begin_turn(connection_id, ordered.turn_id)
    turn = asyncio.create_task(turns.answer(ordered))
    await eventually(lambda: "token" in clients.types)
    start = clients.events[0]

    clients.gone.add(connection_id)
    if how == "disconnected":
        await socket.handle(event("DISCONNECT", connection_id))
    async with asyncio.timeout(2):
        await turn

    await eventually(lambda: bedrock.requests[0].aborted, within=1)
    session = tables.get(table, f"CHAT#{start['chat_id']}", f"SESSION#{start['session_id']}")
    assert session["is_active"]["BOOL"] is False


async def test_a_greeting_waits_until_the_connection_exists(
    clients: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    clients.gone.add("conn")
    greeting = asyncio.create_task(greet(clients, "conn"))
    await asyncio.sleep(0.1)
    assert clients.events == []
    clients.gone.clear()
    await greeting
    assert clients.types == ["connected"]

    monkeypatch.setattr(turn_function, "_GREET_SECONDS", 0.1)
    clients.gone.add("conn")
    await greet(clients, "conn")
    assert clients.types == ["connected"]
