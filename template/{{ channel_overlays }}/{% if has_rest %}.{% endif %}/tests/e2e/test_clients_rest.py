"""`clients/python/rest_client.py`, as an application uses it and from the command line."""

import os
import subprocess
import sys
from contextlib import aclosing

import httpx
import pytest

from clients.python.rest_client import Answer, BotError, ChatbotClient
from tests.support.bedrock_fake import BedrockFake, Ending, Reply
from tests.support.bot_folder import BOT_FOLDER
from tests.support.bots import BotInside, BotsInside
from tests.support.plain_agent import A_PERSON

_PROGRAM = BOT_FOLDER / "clients" / "python" / "rest_client.py"
_PROGRAM_SECONDS = 60


async def streamed(client: ChatbotClient, question: str) -> tuple[list[str], Answer]:
    """Return the pieces of an answer, and the answer."""
    *pieces, answer = [piece async for piece in client.stream(question)]
    assert isinstance(answer, Answer)
    return [piece for piece in pieces if isinstance(piece, str)], answer


async def test_a_whole_answer_and_the_chat_goes_on(bot: BotInside, user_id: str) -> None:
    async with ChatbotClient(bot.url, user_id) as client:
        first = await client.ask("apples")
        second = await client.ask("pears")

    assert (second.chat_id, second.session_id) == (first.chat_id, first.session_id)
    assert "apples" in second.text


async def test_the_pieces_add_up(bot: BotInside, user_id: str) -> None:
    # The last two end a line for whoever reads lines, and no event.
    question = "maçãs 👩‍👩‍👧 \u2028 \x85 end"
    async with ChatbotClient(bot.url, user_id) as client:
        pieces, answer = await streamed(client, question)

    assert len(pieces) > 1
    assert "".join(pieces) == answer.text
    assert "maçãs 👩‍👩‍👧" in answer.text


async def test_characters_that_end_a_line_elsewhere_arrive(
    bedrock_bot: BotInside, bedrock: BedrockFake, user_id: str
) -> None:
    bedrock.will(Reply(text=("a\u2028b", "\x85", "\n\nc")))
    async with ChatbotClient(bedrock_bot.url, user_id) as client:
        pieces, answer = await streamed(client, "Hello!")

    assert "".join(pieces) == answer.text == "a\u2028b\x85\n\nc"


async def test_an_answer_that_breaks_off_is_an_error(
    bedrock_bot: BotInside, bedrock: BedrockFake, user_id: str
) -> None:
    bedrock.will(Reply(text=("one",), ending=Ending.CUT))
    async with ChatbotClient(bedrock_bot.url, user_id) as client:
        with pytest.raises(BotError) as broken:
            await streamed(client, "Hello!")

    assert broken.value.code == "model_interrupted"


async def test_a_stream_may_be_left_early(
    bedrock_bot: BotInside, bedrock: BedrockFake, user_id: str
) -> None:
    bedrock.will(Reply(text=("one",), ending=Ending.SILENCE), Reply(text=("two",)))
    async with ChatbotClient(bedrock_bot.url, user_id) as client:
        async with aclosing(client.stream("first?")) as pieces:
            assert await anext(pieces) == "one"
        answer = await client.ask("second?")

    assert answer.text == "two"


async def test_chats_are_listed_read_and_renamed(bot: BotInside, user_id: str) -> None:
    async with ChatbotClient(bot.url, user_id) as client:
        answer = await client.ask("apples")
        await client.rename(answer.chat_id, "Fruit")
        chats = await client.chats()
        first = await client.messages(answer.chat_id, limit=1)
        rest = await client.messages(answer.chat_id, cursor=first["next_cursor"])

    assert [chat["title"] for chat in chats["items"]] == ["Fruit"]
    contents = [message["content"] for message in first["items"] + rest["items"]]
    assert contents == ["apples", answer.text]


async def test_an_answer_is_rated(bot: BotInside, user_id: str) -> None:
    async with ChatbotClient(bot.url, user_id) as client:
        answer = await client.ask("apples")
        await client.rate(answer.chat_id, answer.message_id, "bad", "Wrong.")
        rated = await client.messages(answer.chat_id)
        await client.rate(answer.chat_id, answer.message_id, None)
        taken_back = await client.messages(answer.chat_id)
        with pytest.raises(BotError) as refused:
            await client.rate(answer.chat_id, "msg_of_nobody", "good")

    assert rated["items"][1]["rating"] == "bad"
    assert "rating" not in taken_back["items"][1]
    assert (refused.value.code, refused.value.status) == ("message_not_found", 404)


async def test_the_token_says_who_it_is(bots: BotsInside, user_id: str) -> None:
    bot = bots(LLM_PROVIDER="offline", AUTH_MODE="api_key", AUTH_API_KEYS=f"good:{user_id}")

    async with ChatbotClient(bot.url, token="good") as client:
        answer = await client.ask("apples")
    async with ChatbotClient(bot.url, token="bad") as client:
        with pytest.raises(BotError) as refused:
            await client.ask("apples")

    assert "apples" in answer.text
    assert (refused.value.code, refused.value.status) == ("unauthorized", 401)


async def test_what_a_person_writes_is_read_once(bots: BotsInside, user_id: str) -> None:
    bot = bots(LLM_PROVIDER="offline", OPERATOR_API_KEYS="a-key:Rita")
    async with ChatbotClient(bot.url, user_id) as client:
        handed_over = await client.ask(A_PERSON)
        _, silent = await streamed(client, "Hello?")
        chat = f"{bot.url}/operator/api/chats/{silent.chat_id}"
        async with httpx.AsyncClient(headers={"Authorization": "Bearer a-key"}) as operator:
            await operator.post(f"{chat}/messages", json={"text": "Hello!"})
            first, second = await client.operator_messages(), await client.operator_messages()
            await operator.post(f"{chat}/release")
        answered = await client.ask("apples")

    assert (handed_over.handoff, silent.handoff, answered.handoff) == (True, True, False)
    assert silent.text == ""
    assert ([message["content"] for message in first], second) == (["Hello!"], [])
    assert "apples" in answered.text


async def test_a_limit_says_how_long_to_wait(bots: BotsInside, user_id: str) -> None:
    bot = bots(LLM_PROVIDER="offline", RATE_LIMIT_PER_MINUTE="1")
    async with ChatbotClient(bot.url, user_id) as client:
        with pytest.raises(BotError) as limited:
            # A minute may end between the first two.
            for _ in range(3):
                await streamed(client, "Hello!")

    assert limited.value.code == "rate_limited"
    assert limited.value.retry_after == 60


async def test_nobody_there_is_an_error_too() -> None:
    async with ChatbotClient("http://127.0.0.1:1", "ana") as client:
        with pytest.raises(BotError) as nobody:
            await client.ask("Hello!")

    assert nobody.value.code == "unreachable"


@pytest.mark.parametrize("options", [[], ["--whole"]], ids=["pieces", "whole"])
def test_it_runs_from_the_command_line(bot: BotInside, user_id: str, options: list[str]) -> None:
    where = ["--url", bot.url, "--user", user_id]
    done = subprocess.run(
        [sys.executable, str(_PROGRAM), "apples", "pears", *where, *options],
        env={**os.environ, "PYTHONUTF8": "1"},
        capture_output=True,
        encoding="utf-8",
        timeout=_PROGRAM_SECONDS,
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.count("apples") == 2
    assert "pears" in done.stdout
