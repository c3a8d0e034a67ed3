import base64
from datetime import timedelta
from typing import Any

import pytest

from app.core.ports.chat_storage import RECENT_MESSAGES, ListingRequest
from domain.dto.chat import Chat, Message, Role, Session, TokenUsage
from domain.exceptions.storage import InvalidCursor, ItemTooLarge
from domain.ids import new_id, now_timestamp, shift_timestamp
from infra.dynamodb.dynamodb_client import DynamoDBClient
from infra.repositories.chat_repository import ChatRepository
from tests.support.tables import Tables

ALL = ListingRequest(limit=100)


@pytest.fixture
def chats(dynamodb: DynamoDBClient) -> ChatRepository:
    return ChatRepository(dynamodb)


def a_session(user_id: str = "ana", chat_id: str = "chat_1", session_id: str = "sess_1") -> Session:
    now = now_timestamp()
    return Session(session_id, chat_id, user_id, now, now)


def a_message(session: Session, content: str, role: Role = "user", created_at: str = "") -> Message:
    return Message(
        message_id=new_id("msg"),
        chat_id=session.chat_id,
        user_id=session.user_id,
        role=role,
        content=content,
        created_at=created_at or now_timestamp(),
        usage=TokenUsage(5, 9) if role == "assistant" else TokenUsage(),
    )


def a_chat(question: Message, title: str) -> Chat:
    return Chat(question.chat_id, title, "", question.created_at, question.created_at)


async def open_chat(chats: ChatRepository, session: Session, question: str = "Hello?") -> Message:
    """Store the first turn of a chat, titled by its question; returns the answer."""
    asked = a_message(session, question)
    await chats.save_question(asked, session, a_chat(asked, question))
    answer = a_message(session, "Hello!", "assistant")
    await chats.save_answer(answer, question)
    return answer


async def chat_of(chats: ChatRepository, user_id: str) -> Chat:
    (chat,) = (await chats.list_chats(user_id, ALL)).items
    return chat


def text(value: str) -> dict[str, Any]:
    return {"S": value}


async def test_a_turn_is_stored_with_the_keys_and_attributes_of_the_specification(
    chats: ChatRepository, tables: Tables, table: str
) -> None:
    session = a_session()
    asked = a_message(session, "Hello?")
    await chats.save_question(asked, session, a_chat(asked, "Hello?"))
    answer = a_message(session, "Hello!", "assistant")
    await chats.save_answer(answer, "Hello?")

    stored = {(i["partition_key"]["S"], i["sort_key"]["S"]): i for i in tables.items(table)}
    chat, visit, question, reply = (
        stored.pop(("USER#ana", "CHAT#chat_1")),
        stored.pop(("CHAT#chat_1", "SESSION#sess_1")),
        stored.pop(("CHAT#chat_1", f"MSG#{asked.created_at}#{asked.message_id}")),
        stored.pop(("CHAT#chat_1", f"MSG#{answer.created_at}#{answer.message_id}")),
    )
    assert stored == {}
    keys = {"partition_key", "sort_key"}
    assert without(chat, keys) == {
        "title": text("Hello?"),
        "preview": text("Hello!"),
        "created_at": text(asked.created_at),
        "updated_at": text(answer.created_at),
    }
    assert without(visit, keys | {"last_activity_at"}) == {
        "user_id": text("ana"),
        "started_at": text(session.started_at),
        "ended_at": {"NULL": True},
        "is_active": {"BOOL": True},
    }
    assert without(question, keys | {"user_id"}) == {
        "role": text("user"),
        "content": text("Hello?"),
        "created_at": text(asked.created_at),
        "spent_turns": {"N": "0"},
        "spent_tokens": {"N": "0"},
    }
    assert without(reply, keys | {"user_id"}) == {
        "role": text("assistant"),
        "content": text("Hello!"),
        "created_at": text(answer.created_at),
        "input_tokens": {"N": "5"},
        "output_tokens": {"N": "9"},
        "spent_turns": {"N": "0"},
        "spent_tokens": {"N": "0"},
    }


def without(item: dict[str, Any], names: set[str]) -> dict[str, Any]:
    return {name: value for name, value in item.items() if name not in names}


async def test_what_was_stored_is_read_back_as_it_was(chats: ChatRepository) -> None:
    session = a_session()
    asked = a_message(session, "Olá, 👩‍👩‍👧!\n\x00 #%23")
    await chats.save_question(asked, session, a_chat(asked, "Title"))
    answer = a_message(session, "<b>&amp; é</b>", "assistant")
    await chats.save_answer(answer, "Title")

    page = await chats.list_messages("ana", "chat_1", ALL)
    assert page is not None
    assert page.items == (asked, answer)
    assert await chats.find_session("chat_1", "sess_1") == session
    assert await chats.recent_turns("ana", "chat_1") is not None
    assert await chat_of(chats, "ana") == Chat(
        "chat_1", "Title", "<b>&amp; é</b>", asked.created_at, answer.created_at
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [("ana", "ana#2"), ("a#CHAT#b", "a"), ("#", "%23"), ("%", "%25"), ("ana", "Ana")],
)
async def test_users_with_similar_ids_never_meet(
    one: str, other: str, chats: ChatRepository
) -> None:
    await open_chat(chats, a_session(one, "chat_one"))
    await open_chat(chats, a_session(other, "chat_other"))
    assert (await chat_of(chats, one)).chat_id == "chat_one"
    assert (await chat_of(chats, other)).chat_id == "chat_other"


async def test_no_id_breaks_out_of_its_part_of_a_key(
    chats: ChatRepository, tables: Tables, table: str
) -> None:
    await open_chat(chats, a_session("ana#CHAT#1", "chat#1", "sess#1"))
    keys = {(item["partition_key"]["S"], item["sort_key"]["S"]) for item in tables.items(table)}
    assert ("USER#ana%23CHAT%231", "CHAT#chat%231") in keys
    assert ("CHAT#chat%231", "SESSION#sess%231") in keys
    assert (await chat_of(chats, "ana#CHAT#1")).chat_id == "chat#1"


async def test_nobody_reads_or_renames_the_chat_of_another(chats: ChatRepository) -> None:
    await open_chat(chats, a_session("ana", "chat_1"))
    for stranger, chat_id in (("eva", "chat_1"), ("ana", "no_such_chat")):
        assert await chats.recent_turns(stranger, chat_id) is None
        assert await chats.list_messages(stranger, chat_id, ALL) is None
        assert await chats.list_sessions(stranger, chat_id, ALL) is None
        assert await chats.rename_chat(stranger, chat_id, "Mine now") is None
    assert (await chats.list_chats("eva", ALL)).items == ()
    assert (await chat_of(chats, "ana")).title == "Hello?"


async def test_a_title_once_given_survives_every_later_turn(chats: ChatRepository) -> None:
    session = a_session()
    await open_chat(chats, session, question="First question")
    renamed = await chats.rename_chat("ana", "chat_1", "A name of my own")
    assert renamed is not None and renamed.title == "A name of my own"

    await chats.save_question(a_message(session, "Second question"), session, None)
    await chats.save_answer(a_message(session, "Second answer", "assistant"), "Second question")

    chat = await chat_of(chats, "ana")
    assert (chat.title, chat.preview) == ("A name of my own", "Second answer")


async def test_a_preview_is_the_beginning_of_the_last_answer(chats: ChatRepository) -> None:
    session = a_session()
    await open_chat(chats, session)
    await chats.save_answer(a_message(session, "👩‍👩‍👧" * 200, "assistant"), "unused")
    assert (await chat_of(chats, "ana")).preview == "👩‍👩‍👧" * 119 + "…"


async def test_the_model_is_shown_the_last_messages_oldest_first(chats: ChatRepository) -> None:
    session = a_session()
    count = RECENT_MESSAGES + 5
    start = now_timestamp()
    for number in range(count):
        created_at = shift_timestamp(start, timedelta(microseconds=number))
        question = a_message(session, str(number), created_at=created_at)
        await chats.save_question(question, session, None)
    recent = await chats.recent_turns("ana", "chat_1")
    assert recent is not None
    assert [m.content for m in recent.messages] == [
        str(n) for n in range(count - RECENT_MESSAGES, count)
    ]


async def test_where_the_graph_waits_is_kept_beside_the_messages_and_not_among_them(
    chats: ChatRepository,
) -> None:
    session = a_session()
    asked = a_message(session, "Hello?")
    await chats.save_question(asked, session, a_chat(asked, "Title"))
    for checkpoint, expected in (
        (b"\x00one", b"\x00one"),
        (b"two", b"two"),
        (None, b"two"),
        (b"", None),
    ):
        answer = a_message(session, "An answer", "assistant")
        await chats.save_answer(answer, "Title", checkpoint)
        recent = await chats.recent_turns("ana", "chat_1")
        assert recent is not None
        assert recent.checkpoint == expected
        assert recent.messages[-1].message_id == answer.message_id
    page = await chats.list_messages("ana", "chat_1", ALL)
    assert page is not None
    assert [message.role for message in page.items] == ["user", *["assistant"] * 4]


@pytest.mark.parametrize("newest_first", [False, True])
async def test_pages_follow_each_other_without_gap_or_repeat(
    newest_first: bool, chats: ChatRepository
) -> None:
    ids = [f"chat_{number:02}" for number in range(7)]
    for chat_id in ids:
        await open_chat(chats, a_session(chat_id=chat_id))
    seen: list[str] = []
    cursor = None
    for _ in range(4):
        page = await chats.list_chats("ana", ListingRequest(2, cursor, newest_first))
        assert len(page.items) <= 2
        seen += [chat.chat_id for chat in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert cursor is None
    assert seen == (ids[::-1] if newest_first else ids)


async def test_a_listing_larger_than_one_answer_of_dynamodb_is_whole(chats: ChatRepository) -> None:
    session = a_session()
    asked = a_message(session, "Hello?")
    await chats.save_question(asked, session, a_chat(asked, "Hello?"))
    # DynamoDB ends each answer to a Query at 1 MB.
    for _ in range(8):
        await chats.save_answer(a_message(session, "x" * 300_000, "assistant"), "unused")
    page = await chats.list_messages("ana", "chat_1", ALL)
    assert page is not None
    assert len(page.items) == 9
    assert page.next_cursor is None
    recent = await chats.recent_turns("ana", "chat_1")
    assert recent is not None and len(recent.messages) == 9


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "not base64!",
        "é",
        "====",
        "/wD/",
        "\ud83d",
        base64.b64encode(b"CHAT#chat_1").decode(),
        # Longer than a sort key may be.
        base64.b64encode(b"MSG#" + b"x" * 1_400).decode(),
    ],
    ids=range(9),
)
async def test_a_cursor_that_was_not_given_out_is_refused(
    cursor: str, chats: ChatRepository
) -> None:
    await open_chat(chats, a_session())
    with pytest.raises(InvalidCursor):
        await chats.list_messages("ana", "chat_1", ListingRequest(10, cursor))


async def test_an_answer_over_the_limit_of_dynamodb_is_refused_before_it_is_sent(
    chats: ChatRepository, tables: Tables, table: str
) -> None:
    session = a_session()
    asked = a_message(session, "Hello?")
    await chats.save_question(asked, session, a_chat(asked, "Hello?"))
    with pytest.raises(ItemTooLarge):
        await chats.save_answer(a_message(session, "é" * 205_000, "assistant"), "Hello?")
    with pytest.raises(ItemTooLarge):
        await chats.save_question(a_message(session, "x" * 410_000), session, None)
    assert len(tables.items(table)) == 3


async def test_a_session_that_ended_stays_ended_at_its_first_end(chats: ChatRepository) -> None:
    session = a_session()
    await open_chat(chats, session)
    first = now_timestamp()
    await chats.end_session(session, first)
    await chats.end_session(session, shift_timestamp(first, timedelta(hours=1)))
    stored = await chats.find_session("chat_1", "sess_1")
    assert stored is not None
    assert (stored.ended_at, stored.is_active) == (first, False)


async def test_ending_a_session_that_was_never_stored_makes_none(
    chats: ChatRepository, tables: Tables, table: str
) -> None:
    await chats.end_session(a_session(), now_timestamp())
    assert tables.items(table) == []


async def test_an_unknown_session_is_not_found(chats: ChatRepository) -> None:
    await open_chat(chats, a_session())
    assert await chats.find_session("chat_1", "sess_2") is None
    assert await chats.find_session("chat_2", "sess_1") is None
