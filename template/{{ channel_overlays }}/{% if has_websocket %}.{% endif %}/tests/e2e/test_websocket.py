"""Conversations over the socket."""

import asyncio
import time

import pytest
from websockets.asyncio.client import connect

from app.core.texts import ERROR_MESSAGES
from tests.support.bedrock_fake import BedrockFake, Ending, Failure, Reply, Script, Silence
from tests.support.bots import BotInside, BotsInside
from tests.support.chat_socket import PATH, ChatSocket, Event, chat_socket
from tests.support.logs import LogLines
from tests.support.tables import RawItem, Tables
from tests.support.waiting import eventually


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same behaviour in less time."""
    monkeypatch.setattr("infra.bedrock.bedrock_client._BACKOFF_SECONDS", 0.01)


def types(events: list[Event]) -> list[str]:
    return [event["type"] for event in events]


def ids_of(events: list[Event]) -> dict[str, str]:
    """Return what a client sends back with its next question."""
    return {"chat_id": events[0]["chat_id"], "session_id": events[0]["session_id"]}


def session_of(events: list[Event], tables: Tables, bot: BotInside) -> RawItem:
    """Return the stored session of a turn."""
    ids = ids_of(events)
    table = bot.container.settings().ddb_table
    return tables.get(table, f"CHAT#{ids['chat_id']}", f"SESSION#{ids['session_id']}")


def is_active(session: RawItem) -> bool:
    active: bool = session["is_active"]["BOOL"]
    return active


async def test_a_turn_is_the_three_events_of_the_protocol(
    bedrock_bot: BotInside, bedrock: BedrockFake, user_id: str
) -> None:
    bedrock.will(Reply(text=("Good ", "day.")))
    async with chat_socket(bedrock_bot) as socket:
        start, response, end = await socket.ask(user_id, "Hello!")
    assert set(start) == {"type", "session_id", "chat_id", "message_id", "trace_id"}
    message_id = start["message_id"]
    assert response == {
        "type": "agent_response",
        "message_id": message_id,
        "content": "Good day.",
    }
    assert end == {**start, "type": "end", "full_text": "Good day."}


async def test_ids_of_null_are_absent_ids(bot: BotInside, user_id: str) -> None:
    async with chat_socket(bot) as socket:
        first = await socket.ask(user_id, "Hello!", chat_id=None, session_id=None, type=None)
        second = await socket.ask(user_id, "And then?", **ids_of(first))
    assert types(first) == types(second) == ["start", "agent_response", "end"]
    assert ids_of(first) == ids_of(second)
    assert second[-1]["full_text"] == "> Hello!\n> And then?"


async def test_a_question_sent_before_connected_is_read_is_served(
    bot: BotInside, user_id: str
) -> None:
    async with connect("ws" + bot.url.removeprefix("http") + PATH, proxy=None) as connection:
        socket = ChatSocket(connection)
        await socket.send({"user_id": user_id, "question": "Hello!"})
        events = await socket.receive_until("end", "error")
    assert types(events) == ["connected", "start", "agent_response", "end"]


async def test_with_stream_the_pieces_come_first_and_add_up(
    bedrock_bot: BotInside, bedrock: BedrockFake, user_id: str
) -> None:
    pieces = ["Bom", " dia", ", 👩‍👩‍👧", "!\n\n", "  é"]
    bedrock.will(Reply(text=pieces, pause=0.1))
    async with chat_socket(bedrock_bot) as socket:
        events = await socket.ask(user_id, "Hello!", stream=True)
    tokens = events[1:-2]
    assert len(tokens) > 1
    assert types(events) == ["start", *["token"] * len(tokens), "agent_response", "end"]
    assert "".join(event["delta"] for event in tokens) == "".join(pieces)
    assert events[-1]["full_text"] == events[-2]["content"] == "".join(pieces)
    assert {event["message_id"] for event in events} == {events[0]["message_id"]}


async def test_a_piece_arrives_before_the_next_one_is_written(
    bedrock_bot: BotInside, bedrock: BedrockFake, user_id: str
) -> None:
    bedrock.will(Reply(text=("first",), ending=Ending.SILENCE))
    async with chat_socket(bedrock_bot) as socket:
        await socket.send({"user_id": user_id, "question": "Hello!", "stream": True})
        assert (await socket.receive_until("token"))[-1]["delta"] == "first"


async def test_a_second_question_during_a_turn_is_refused_and_the_turn_goes_on(
    bedrock_bot: BotInside, bedrock: BedrockFake, user_id: str
) -> None:
    bedrock.will(Reply(text=("slow ", "answer"), pause=0.15))
    async with chat_socket(bedrock_bot) as socket:
        await socket.send({"user_id": user_id, "question": "Hello!"})
        await socket.send({"user_id": user_id, "question": "Are you there?"})
        events = await socket.receive_until("end")
    assert sorted(types(events)) == ["agent_response", "end", "error", "start"]
    (error,) = [event for event in events if event["type"] == "error"]
    assert error["code"] == "turn_in_progress"
    assert "message_id" not in error
    assert len(bedrock.requests) == 1


@pytest.mark.parametrize("script", [Reply(ending=Ending.SILENCE), Silence()])
async def test_cancel_ends_the_turn_and_the_model_call_at_once(
    script: Script, bedrock_bot: BotInside, bedrock: BedrockFake, user_id: str
) -> None:
    bedrock.will(script, Reply(text=("Back.",)))
    async with chat_socket(bedrock_bot) as socket:
        await socket.send({"user_id": user_id, "question": "Hello!"})
        start = await socket.receive()
        await eventually(lambda: len(bedrock.requests) == 1)
        await socket.send({"type": "cancel"})
        cancelled_at = time.monotonic()
        error = await socket.receive()
        await eventually(lambda: bedrock.requests[0].aborted, bedrock_bot.gives_up_within_seconds)
        assert time.monotonic() - cancelled_at < bedrock_bot.gives_up_within_seconds
        assert (error["type"], error["code"]) == ("error", "cancelled")
        assert error["message_id"] == start["message_id"]
        assert await socket.is_silent()

        again = await socket.ask(user_id, "Still there?", **ids_of([start]))
        assert types(again) == ["start", "agent_response", "end"]


async def test_cancel_without_a_turn_does_nothing(bot: BotInside, user_id: str) -> None:
    async with chat_socket(bot) as socket:
        await socket.send({"type": "cancel"})
        assert await socket.is_silent()
        events = await socket.ask(user_id, "Hello!")
        await socket.send({"type": "cancel"})
        assert await socket.is_silent()
    assert types(events) == ["start", "agent_response", "end"]


@pytest.mark.parametrize("how", ["closes", "vanishes"])
async def test_a_client_that_leaves_ends_the_model_call_and_its_session(
    how: str,
    bedrock_bot: BotInside,
    bedrock: BedrockFake,
    tables: Tables,
    user_id: str,
    logs: LogLines,
) -> None:
    bedrock.will(Reply(text=("first",), ending=Ending.SILENCE))
    async with chat_socket(bedrock_bot) as socket:
        await socket.send({"user_id": user_id, "question": "Hello!", "stream": True})
        events = await socket.receive_until("token")
        if how == "vanishes":
            socket.connection.transport.abort()
    await eventually(lambda: bedrock.requests[0].aborted, bedrock_bot.gives_up_within_seconds)
    await eventually(lambda: not is_active(session_of(events, tables, bedrock_bot)))
    ended = session_of(events, tables, bedrock_bot)
    assert ended["ended_at"]["S"] >= ended["started_at"]["S"]
    assert '"level": "error"' not in logs.text()


async def test_a_session_ends_with_its_connection_and_the_chat_does_not(
    bot: BotInside, user_id: str
) -> None:
    async with chat_socket(bot) as socket:
        first = await socket.ask(user_id, "Hello!")
    async with chat_socket(bot) as socket:
        second = await socket.ask(user_id, "Me again", **ids_of(first))
    assert second[0]["chat_id"] == first[0]["chat_id"]
    assert second[0]["session_id"] != first[0]["session_id"]


async def test_an_unknown_session_is_replaced_by_a_new_one(bot: BotInside, user_id: str) -> None:
    async with chat_socket(bot) as socket:
        first = await socket.ask(user_id, "Hello!", session_id="sess_unknown")
        second = await socket.ask(
            user_id, "Again", chat_id=first[0]["chat_id"], session_id="sess_other"
        )
    assert types(first) == types(second) == ["start", "agent_response", "end"]
    assert len({"sess_unknown", "sess_other", first[0]["session_id"], second[0]["session_id"]}) == 4


async def test_the_chat_of_another_is_not_found_whether_it_exists_or_not(
    bot: BotInside, user_id: str
) -> None:
    async with chat_socket(bot) as socket:
        mine = await socket.ask(user_id, "Hello!")
        theirs = await socket.ask("stranger", "Hi", **ids_of(mine))
        nobodys = await socket.ask("stranger", "Hi", chat_id="chat_" + "0" * 32)
    for (error,) in (theirs, nobodys):
        assert error["code"] == "chat_not_found"
        assert error["message"] == ERROR_MESSAGES["chat_not_found"]


@pytest.mark.parametrize(
    ("script", "code"),
    [
        (Failure("ThrottlingException", 429), "model_throttled"),
        (Failure("AccessDeniedException", 403), "model_refused"),
        (Failure("InternalServerException", 500), "model_unavailable"),
        (Reply(exception="modelStreamErrorException"), "model_interrupted"),
        (Reply(ending=Ending.CUT), "model_interrupted"),
        (Reply(ending=Ending.NO_STOP), "model_interrupted"),
    ],
)
async def test_a_failing_model_is_one_error_and_the_conversation_goes_on(
    script: Script, code: str, bedrock_bot: BotInside, bedrock: BedrockFake, user_id: str
) -> None:
    bedrock.always(script)
    async with chat_socket(bedrock_bot) as socket:
        start, error = await socket.ask(user_id, "Hello!")
        assert (start["type"], error["type"]) == ("start", "error")
        assert error == {
            "type": "error",
            "code": code,
            "message": ERROR_MESSAGES[code],
            "message_id": start["message_id"],
            "trace_id": start["trace_id"],
        }
        assert await socket.is_silent(0.05)
        bedrock.always(Reply())
        again = await socket.ask(user_id, "And now?", **ids_of([start]))
    assert types(again) == ["start", "agent_response", "end"]
    asked = bedrock.bodies()[-1]["messages"][0]["content"][0]["text"]
    assert asked.splitlines() == ["Hello!", "And now?"]


async def test_many_talk_at_once(bot: BotInside, user_id: str) -> None:
    async def talk(number: int) -> list[Event]:
        async with chat_socket(bot) as socket:
            first = await socket.ask(f"{user_id}_{number}", f"I am {number}.")
            return await socket.ask(f"{user_id}_{number}", "Who am I?", **ids_of(first))

    turns = await asyncio.gather(*(talk(number) for number in range(30)))
    for number, events in enumerate(turns):
        assert events[-1]["full_text"] == f"> I am {number}.\n> Who am I?"


async def test_a_bot_that_stops_says_goodbye_and_ends_the_sessions(
    bots: BotsInside, bedrock: BedrockFake, tables: Tables, user_id: str
) -> None:
    bedrock.will(Reply(text=("slow ", "answer"), pause=0.2))
    with bots.of_its_own(LLM_PROVIDER="bedrock") as bot:
        async with chat_socket(bot) as socket:
            await socket.send({"user_id": user_id, "question": "Hello!"})
            await eventually(lambda: len(bedrock.requests) == 1)
            bot.ask_to_stop()
            events = await socket.receive_until("end", "error")
            assert types(events) == ["start", "agent_response", "end"]
            await asyncio.wait_for(socket.connection.wait_closed(), 5)
            assert socket.connection.close_code == 1012
    assert not is_active(session_of(events, tables, bot))
