"""Who may open a socket, and for whom it speaks."""

import asyncio
import json

import httpx
import pytest
from websockets.exceptions import InvalidStatus

from tests.support.bots import BotInside, BotsInside
from tests.support.chat_socket import chat_socket
from tests.support.logs import LogLines
from tests.support.metrics import metrics_of

KEYS = "key-of-ana:ana,key-of-eva:eva,key-of-the-crm:*"


@pytest.fixture
def guarded(bots: BotsInside) -> BotInside:
    return bots(LLM_PROVIDER="offline", AUTH_MODE="api_key", AUTH_API_KEYS=KEYS)


@pytest.mark.parametrize(
    ("headers", "subprotocols"),
    [
        ({}, []),
        ({"Authorization": "Bearer wrong"}, []),
        ({"Authorization": "Basic key-of-ana"}, []),
        ({"Authorization": "Bearer"}, []),
        ({"Authorization": "Bearer key-of-ana,key-of-eva"}, []),
        ({}, ["bearer.wrong"]),
        ({}, ["bearer."]),
        ({}, ["chat"]),
        # What is offered as a subprotocol is the credential, not one of several to try.
        ({"Authorization": "Bearer key-of-ana"}, ["bearer.wrong"]),
    ],
)
async def test_without_a_good_credential_there_is_no_connection(
    headers: dict[str, str], subprotocols: list[str], guarded: BotInside
) -> None:
    with pytest.raises(InvalidStatus) as refusal:
        async with chat_socket(guarded, headers=headers, subprotocols=subprotocols):
            pass
    response = refusal.value.response
    assert response.status_code == 401
    assert response.body is not None
    assert json.loads(response.body)["code"] == "unauthorized"


async def test_a_refusal_is_no_error_of_the_bot(guarded: BotInside, logs: LogLines) -> None:
    for _ in range(2):
        with pytest.raises(InvalidStatus):
            async with chat_socket(guarded):
                pass
    assert [line["code"] for line in logs.events("socket_refused")] == ["unauthorized"] * 2
    assert '"level": "error"' not in logs.text()


async def test_a_credential_in_a_header_names_the_user(guarded: BotInside) -> None:
    headers = {"Authorization": "bearer key-of-ana"}
    async with chat_socket(guarded, headers=headers) as socket:
        await socket.send({"question": "Hello!"})
        events = await socket.receive_until("end", "error")
        assert events[-1]["type"] == "end"
        assert (await socket.ask("ana", "Hello!"))[-1]["type"] == "end"
        (error,) = await socket.ask("eva", "Hello!")
        assert error["code"] == "forbidden"
        assert (await socket.ask("ana", "Hello!"))[-1]["type"] == "end"


async def test_a_browser_sends_its_credential_as_a_subprotocol_which_is_echoed(
    guarded: BotInside,
) -> None:
    offered = ["bearer.key-of-ana", "chat"]
    async with chat_socket(guarded, subprotocols=offered) as socket:
        assert socket.connection.subprotocol == "bearer.key-of-ana"
        assert (await socket.ask("ana", "Hello!"))[-1]["type"] == "end"


async def test_the_key_of_a_back_end_speaks_for_the_user_it_names(guarded: BotInside) -> None:
    headers = {"Authorization": "Bearer key-of-the-crm"}
    async with chat_socket(guarded, headers=headers) as socket:
        mine = await socket.ask("ana", "Hello!")
        (theirs,) = await socket.ask("eva", "Hi!", chat_id=mine[0]["chat_id"])
        assert theirs["code"] == "chat_not_found"
        await socket.send({"question": "Hello!"})
        assert (await socket.receive())["code"] == "user_id_required"


async def test_nobody_continues_the_chat_of_another(guarded: BotInside) -> None:
    async with chat_socket(guarded, headers={"Authorization": "Bearer key-of-ana"}) as socket:
        mine = await socket.ask("ana", "Hello!")
    async with chat_socket(guarded, headers={"Authorization": "Bearer key-of-eva"}) as socket:
        (error,) = await socket.ask("eva", "Hi!", chat_id=mine[0]["chat_id"])
    assert error["code"] == "chat_not_found"


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        (None, True),
        ("https://app.example.org", True),
        ("https://other.example.org", False),
        ("http://app.example.org", False),
        ("https://app.example.org.evil.example", False),
        ("null", False),
        ("https://app.example.org:8443", False),
    ],
)
async def test_only_pages_of_listed_origins_may_connect(
    origin: str | None, allowed: bool, bots: BotsInside
) -> None:
    bot = bots(
        LLM_PROVIDER="offline", ALLOWED_ORIGINS="https://app.example.org/, https://b.example"
    )
    if allowed:
        async with chat_socket(bot, origin=origin) as socket:
            assert (await socket.ask("ana", "Hello!"))[-1]["type"] == "end"
        return
    with pytest.raises(InvalidStatus) as refusal:
        async with chat_socket(bot, origin=origin):
            pass
    response = refusal.value.response
    assert response.status_code == 403
    assert response.body is not None
    assert json.loads(response.body)["code"] == "origin_not_allowed"


async def test_the_bots_own_page_may_always_connect(bot: BotInside) -> None:
    async with chat_socket(bot, origin=bot.url) as socket:
        assert (await socket.ask("ana", "Hello!"))[-1]["type"] == "end"
    with pytest.raises(InvalidStatus):
        async with chat_socket(bot, origin="https://elsewhere.example"):
            pass


@pytest.mark.parametrize(
    ("setting", "headers"),
    [
        ("MAX_SOCKETS", {"Authorization": "Bearer key-of-the-crm"}),
        ("MAX_SOCKETS_PER_USER", {"Authorization": "Bearer key-of-ana"}),
    ],
)
async def test_sockets_over_the_limit_are_refused_until_one_closes(
    setting: str, headers: dict[str, str], bots: BotsInside
) -> None:
    settings = {"AUTH_MODE": "api_key", "AUTH_API_KEYS": KEYS, setting: "2"}
    bot = bots(LLM_PROVIDER="offline", **settings)
    async with chat_socket(bot, headers=headers):
        async with chat_socket(bot, headers=headers):
            with pytest.raises(InvalidStatus) as refusal:
                async with chat_socket(bot, headers=headers):
                    pass
            assert await open_sockets(bot) == 2
        # The bot may see a moment later that the second has closed.
        await asyncio.sleep(0.05)
        async with chat_socket(bot, headers=headers) as socket:
            assert (await socket.ask("ana", "Hello!"))[-1]["type"] == "end"
    response = refusal.value.response
    assert response.status_code == 503
    assert response.body is not None
    assert json.loads(response.body)["code"] == "too_many_connections"
    async with httpx.AsyncClient(base_url=bot.url) as http:
        values = await metrics_of(http)
    assert values["chatbot_sockets_refused_total code=too_many_connections"] == 1


async def open_sockets(bot: BotInside) -> float:
    async with httpx.AsyncClient(base_url=bot.url) as http:
        return (await metrics_of(http))["chatbot_open_sockets"]


async def test_the_limit_of_a_user_leaves_other_users_alone(bots: BotsInside) -> None:
    bot = bots(
        LLM_PROVIDER="offline", AUTH_MODE="api_key", AUTH_API_KEYS=KEYS, MAX_SOCKETS_PER_USER="1"
    )
    ana, eva = ({"Authorization": f"Bearer key-of-{name}"} for name in ("ana", "eva"))
    async with chat_socket(bot, headers=ana), chat_socket(bot, headers=eva) as socket:
        assert (await socket.ask("eva", "Hello!"))[-1]["type"] == "end"
