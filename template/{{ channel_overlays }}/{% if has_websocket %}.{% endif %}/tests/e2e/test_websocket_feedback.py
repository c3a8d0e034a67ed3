"""Thumbs for answers, over the socket."""

from domain.ids import new_id
from tests.support.bedrock_fake import BedrockFake, Reply, Silence
from tests.support.bots import BotInside
from tests.support.chat_socket import Event, chat_socket
from tests.support.tables import Tables


def about(answer: Event, user_id: str) -> Event:
    """Return what names an answer."""
    return {
        "type": "feedback",
        "user_id": user_id,
        "chat_id": answer["chat_id"],
        "message_id": answer["message_id"],
    }


def kept(tables: Tables, bot: BotInside, answer: Event) -> Event:
    """Return the thumb that the table has of an answer."""
    (item,) = (
        item
        for item in tables.items(bot.container.settings().ddb_table)
        if item["sort_key"]["S"].endswith(f"#{answer['message_id']}")
        and item["partition_key"]["S"] == f"CHAT#{answer['chat_id']}"
    )
    return {name: item.get(f"user_{name}") for name in ("is_good", "comment")}


async def test_a_thumb_is_confirmed_replaced_and_taken_back(
    bot: BotInside, user_id: str, tables: Tables
) -> None:
    async with chat_socket(bot) as socket:
        answer = (await socket.ask(user_id, "apples"))[-1]
        named = about(answer, user_id)
        for rating, comment, is_good in (
            ("good", None, {"BOOL": True}),
            ("bad", "Wrong.", {"BOOL": False}),
            (None, "", {"NULL": True}),
        ):
            await socket.send({**named, "rating": rating, "comment": comment})
            assert await socket.receive() == {
                "type": "feedback_recorded",
                "chat_id": answer["chat_id"],
                "message_id": answer["message_id"],
                "rating": rating,
            }
            assert kept(tables, bot, answer) == {
                "is_good": is_good,
                "comment": {"S": comment or ""},
            }


async def test_a_thumb_is_kept_while_the_next_answer_is_being_written(
    bedrock_bot: BotInside, bedrock: BedrockFake, user_id: str, tables: Tables
) -> None:
    bedrock.will(Reply(text=("one",)), Silence())
    async with chat_socket(bedrock_bot) as socket:
        answer = (await socket.ask(user_id, "apples"))[-1]
        ids = {"chat_id": answer["chat_id"], "session_id": answer["session_id"]}
        await socket.send({"user_id": user_id, "question": "pears", **ids})
        assert (await socket.receive())["type"] == "start"
        await socket.send({**about(answer, user_id), "rating": "bad"})
        assert (await socket.receive())["type"] == "feedback_recorded"
        # What is refused then says that it is not the turn that failed.
        await socket.send({**about(answer, user_id), "message_id": new_id("msg"), "rating": "bad"})
        refused = await socket.receive()
        assert (refused["type"], refused["code"]) == ("error", "message_not_found")
        assert refused["request"] == "feedback"
        await socket.send({"type": "cancel"})
        assert (await socket.receive_until("error"))[-1]["code"] == "cancelled"
    assert kept(tables, bedrock_bot, answer)["is_good"] == {"BOOL": False}


async def test_what_is_no_thumb_or_is_for_anothers_answer_is_refused_and_the_socket_goes_on(
    bot: BotInside, user_id: str
) -> None:
    async with chat_socket(bot) as socket:
        answer = (await socket.ask(user_id, "apples"))[-1]
        named = about(answer, user_id)
        for message, code in (
            (named, "invalid_request"),
            ({**named, "rating": "great"}, "invalid_request"),
            ({**named, "rating": "good", "comment": 5}, "invalid_request"),
            ({**named, "rating": "bad", "comment": "x" * 1_001}, "comment_too_long"),
            ({**named, "rating": "good", "user_id": "somebody_else"}, "chat_not_found"),
            ({**named, "rating": "good", "chat_id": new_id("chat")}, "chat_not_found"),
            ({**named, "rating": "good", "message_id": "nonsense"}, "message_not_found"),
        ):
            await socket.send(message)
            refused = await socket.receive()
            assert (refused["type"], refused["code"]) == ("error", code)
            assert refused["message"] and refused["request"] == "feedback"
        assert (await socket.ask(user_id, "pears"))[-1]["type"] == "end"
