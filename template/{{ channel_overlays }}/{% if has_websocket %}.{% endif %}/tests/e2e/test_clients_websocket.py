"""`clients/python/websocket_client.py`, as an application uses it and from the command line."""

import asyncio
import json
import os
import subprocess
import sys

import httpx
import pytest
from websockets.asyncio.server import ServerConnection, serve

from clients.python.websocket_client import BotError, ChatbotClient
from tests.support.bedrock_fake import BedrockFake, Ending, Reply
from tests.support.bot_folder import BOT_FOLDER
from tests.support.bots import BotInside, BotsInside
from tests.support.plain_agent import A_PERSON

_PROGRAM = BOT_FOLDER / "clients" / "python" / "websocket_client.py"
_PROGRAM_SECONDS = 60
_A_MOMENT = 0.2


async def test_the_pieces_add_up_and_the_chat_goes_on(bot: BotInside, user_id: str) -> None:
    pieces: list[str] = []
    async with ChatbotClient(bot.url, user_id) as client:
        first = await client.ask("apples", on_token=pieces.append)
        second = await client.ask("pears")

    assert len(pieces) > 1
    assert "".join(pieces) == first.text
    assert (second.chat_id, second.session_id) == (first.chat_id, first.session_id)
    assert "apples" in second.text


async def test_a_chat_is_taken_up_again_over_another_connection(
    bot: BotInside, user_id: str
) -> None:
    async with ChatbotClient(bot.url, user_id) as client:
        first = await client.ask("apples")
    async with ChatbotClient(bot.url, user_id, chat_id=first.chat_id) as client:
        second = await client.ask("pears")

    assert second.chat_id == first.chat_id
    assert second.session_id != first.session_id
    assert "apples" in second.text


async def test_a_refused_question_is_an_error_and_the_connection_goes_on(
    bot: BotInside, user_id: str
) -> None:
    async with ChatbotClient(bot.url, user_id) as client:
        with pytest.raises(BotError) as refused:
            await client.ask(" ")
        answer = await client.ask("apples")

    assert refused.value.code == "question_empty"
    assert "apples" in answer.text


async def test_an_answer_is_rated(bot: BotInside, user_id: str) -> None:
    async with ChatbotClient(bot.url, user_id) as client:
        answer = await client.ask("apples")
        await client.rate(answer.message_id, "bad", "Wrong.")
        with pytest.raises(BotError) as refused:
            await client.rate("msg_of_nobody", "good")
        assert "pears" in (await client.ask("pears")).text

    assert refused.value.code == "message_not_found"


async def test_the_token_says_who_it_is(bots: BotsInside, user_id: str) -> None:
    bot = bots(LLM_PROVIDER="offline", AUTH_MODE="api_key", AUTH_API_KEYS=f"good:{user_id}")

    async with ChatbotClient(bot.url, token="good") as client:
        answer = await client.ask("apples")
    with pytest.raises(BotError) as refused:
        await ChatbotClient(bot.url, token="bad").connect()

    assert "apples" in answer.text
    assert refused.value.code == "unauthorized"


async def test_an_answer_can_be_cancelled(
    bedrock_bot: BotInside, bedrock: BedrockFake, user_id: str
) -> None:
    bedrock.will(Reply(text=("one",), ending=Ending.SILENCE), Reply(text=("two",)))
    written = asyncio.Event()
    async with ChatbotClient(bedrock_bot.url, user_id) as client:
        asked = asyncio.create_task(client.ask("first?", on_token=lambda _: written.set()))
        await written.wait()
        await client.cancel()
        with pytest.raises(BotError) as cancelled:
            await asked
        answer = await client.ask("second?")

    assert cancelled.value.code == "cancelled"
    assert answer.text == "two"


async def test_a_cancelled_call_leaves_the_client_usable(
    bedrock_bot: BotInside, bedrock: BedrockFake, user_id: str
) -> None:
    bedrock.will(Reply(text=("one",), ending=Ending.SILENCE), Reply(text=("two",)))
    written = asyncio.Event()
    async with ChatbotClient(bedrock_bot.url, user_id) as client:
        asked = asyncio.create_task(client.ask("first?", on_token=lambda _: written.set()))
        await written.wait()
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
        answer = await client.ask("second?")

    assert answer.text == "two"


async def test_a_person_is_listened_to_until_the_chat_is_given_back(
    bots: BotsInside, user_id: str
) -> None:
    bot = bots(LLM_PROVIDER="offline", OPERATOR_API_KEYS="a-key:Rita")
    heard: asyncio.Queue[str] = asyncio.Queue()
    async with ChatbotClient(bot.url, user_id, on_operator_message=heard.put_nowait) as client:
        handed_over = await client.ask(A_PERSON)
        chat = f"{bot.url}/operator/api/chats/{handed_over.chat_id}"
        async with httpx.AsyncClient(headers={"Authorization": "Bearer a-key"}) as operator:
            listening = asyncio.create_task(client.listen())
            await operator.post(f"{chat}/messages", json={"text": "One"})
            first = await heard.get()
            listening.cancel()
            await asyncio.wait([listening])
            silent = await client.ask("Thanks!")
            # Also what is written while the connection is lost.
            await client.close()
            await operator.post(f"{chat}/messages", json={"text": "Two"})
            listening = asyncio.create_task(client.listen())
            second = await heard.get()
            await operator.post(f"{chat}/release")
            await listening
        answered = await client.ask("apples")

    assert (handed_over.handoff, silent.handoff, answered.handoff) == (True, True, False)
    assert (first, silent.text, second) == ("One", "", "Two")
    assert heard.empty()
    assert "apples" in answered.text


async def test_it_waits_for_a_bot_that_starts_again(bots: BotsInside, user_id: str) -> None:
    with bots.of_its_own(LLM_PROVIDER="offline") as bot:
        client = ChatbotClient(bot.url, user_id)
        first = await client.ask("apples")
    # The client notices that it was disconnected, and then finds nobody.
    await asyncio.sleep(_A_MOMENT)
    asked = asyncio.create_task(client.ask("pears"))
    await asyncio.sleep(_A_MOMENT)
    with bots.of_its_own(LLM_PROVIDER="offline", PORT=str(bot.port)):
        second = await asked
        await client.close()

    assert second.chat_id == first.chat_id
    assert "apples" in second.text


async def test_a_connection_lost_behind_a_question_is_not_asked_again(user_id: str) -> None:
    asked: list[str] = []

    async def dies_in_the_middle_of_an_answer(connection: ServerConnection) -> None:
        await connection.send(json.dumps({"type": "connected"}))
        asked.append(json.loads(await connection.recv())["question"])
        for event in (
            {"type": "start", "chat_id": "chat_1", "session_id": "sess_1"},
            {"type": "token", "delta": "one"},
        ):
            await connection.send(json.dumps(event))
        connection.transport.abort()

    async with serve(dies_in_the_middle_of_an_answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with ChatbotClient(f"http://127.0.0.1:{port}", user_id) as client:
            with pytest.raises(BotError) as lost:
                await client.ask("apples", on_token=lambda _: None)

    assert lost.value.code == "connection_lost"
    assert asked == ["apples"]


def test_it_runs_from_the_command_line(bot: BotInside, user_id: str) -> None:
    done = subprocess.run(
        [sys.executable, str(_PROGRAM), "apples", "pears", "--url", bot.url, "--user", user_id],
        env={**os.environ, "PYTHONUTF8": "1"},
        capture_output=True,
        encoding="utf-8",
        timeout=_PROGRAM_SECONDS,
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.count("apples") == 2
    assert "pears" in done.stdout
