"""The documentation of the socket's protocol; tests/support/chat_socket.py holds every event to it."""

import json
from typing import Any, get_args, get_type_hints

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.settings.core import AppEnv
from app.core.settings_owner import OwnerSettings
from app.dependency_injection.application_container import ApplicationContainer
from domain.dto.events import ChatEvent
from domain.dto.following import FollowedEvent
from domain.exceptions.business_exception import BusinessException
from interface.application import create_application
from interface.websocket.asyncapi import INCOMING, OUTGOING
from interface.websocket.incoming import parse_follow, parse_object, parse_question
from tests.support.asyncapi_schemas import check_event, validator
from tests.support.bots import BotInside
from tests.support.chat_socket import PATH, chat_socket

VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from(["follow", "", "a", "x" * 200, "x" * 201]),
    st.lists(st.integers(), max_size=1),
)
FIELDS = st.sampled_from(
    ["type", "user_id", "question", "chat_id", "session_id", "stream", "after"]
)
PARSERS = {"question": parse_question, "follow": parse_follow}


async def test_the_protocol_is_documented_with_examples_that_hold(bot: BotInside) -> None:
    async with httpx.AsyncClient() as http:
        document = (await http.get(f"{bot.url}/asyncapi.json")).json()
    (channel,) = document["channels"].values()
    messages = document["components"]["messages"]
    assert channel["address"] == PATH
    assert document["servers"]["bot"]["protocol"] in ("ws", "wss")
    assert messages.keys() == channel["messages"].keys() == {*INCOMING, *OUTGOING}
    for name in OUTGOING:
        check_event(messages[name]["examples"][0]["payload"])
    async with chat_socket(bot) as socket:
        for name in INCOMING:
            (example,) = messages[name]["examples"]
            assert validator(name).is_valid(example["payload"])
            await socket.send(
                {**example["payload"], "chat_id": None}
                if name == "question"
                else example["payload"]
            )
            if name == "question":
                assert (await socket.receive_until("end", "error"))[-1]["type"] == "end"
        # There is no such chat; a field that were wrong would have another code.
        assert (await socket.receive())["code"] == "chat_not_found"


@pytest.mark.parametrize("name", PARSERS)
@given(value=st.dictionaries(FIELDS, VALUES))
def test_what_is_taken_is_what_is_documented(name: str, value: dict[str, Any]) -> None:
    try:
        PARSERS[name](parse_object(json.dumps(value)))
        is_taken = True
    except BusinessException:
        is_taken = False
    assert validator(name).is_valid(value) == is_taken


def kind_of(payload: type) -> str:
    """Return the `type` that a payload has on the wire."""
    (kind,) = get_args(get_type_hints(payload)["type"])
    return str(kind)


def test_every_event_is_documented_under_its_type() -> None:
    events = (*get_args(ChatEvent), *get_args(FollowedEvent))
    told = {kind_of(get_type_hints(event.payload)["return"]) for event in events}

    assert told < OUTGOING.keys()
    assert [kind_of(payload) for payload in OUTGOING.values()] == list(OUTGOING)


async def test_in_production_there_is_none() -> None:
    settings = OwnerSettings.model_construct(app_env=AppEnv.PRODUCTION, allowed_origins=())
    app = create_application(ApplicationContainer(settings=settings))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://bot") as http:
        assert (await http.get("/asyncapi.json")).status_code == 404
