"""Long chats and many writers: nothing is lost, nothing comes twice."""

import asyncio
import os
from collections.abc import Callable

from app.core.ports.chat_storage import ListingRequest
from domain.dto.chat import Chat, Message, Session
from domain.ids import new_id, now_timestamp, timestamp_after
from infra.dynamodb.dynamodb_client import DynamoDBClient
from infra.repositories.chat_repository import ChatRepository

Figures = Callable[..., None]

MESSAGES = int(os.environ.get("FIRE_MESSAGES", "5000"))
WRITERS = 50
_AT_ONCE = 20


def a_message(created_at: str, content: str) -> Message:
    return Message(new_id("msg"), "chat_1", "ana", "user", content, created_at)


async def open_chat(chats: ChatRepository) -> Session:
    now = now_timestamp()
    session = Session("sess_1", "chat_1", "ana", now, now)
    await chats.save_question(a_message(now, "first"), session, Chat("chat_1", "", "", now, now))
    return session


async def ids_of(chats: ChatRepository, limit: int, *, newest_first: bool) -> list[str]:
    """Return the ids of all messages, page by page."""
    ids: list[str] = []
    cursor: str | None = None
    while True:
        listing = ListingRequest(limit, cursor, newest_first)
        page = await chats.list_messages("ana", "chat_1", listing)
        assert page is not None
        ids += [message.message_id for message in page.items]
        cursor = page.next_cursor
        if cursor is None:
            return ids


async def test_a_long_chat_is_paged_both_ways_while_somebody_writes(
    dynamodb: DynamoDBClient, figures: Figures
) -> None:
    chats = ChatRepository(dynamodb)
    session = await open_chat(chats)
    messages: list[Message] = []
    last: str | None = now_timestamp()
    for number in range(MESSAGES - 1):
        last = timestamp_after(last)
        messages.append(a_message(last, str(number)))
    for start in range(0, len(messages), _AT_ONCE):
        batch = messages[start : start + _AT_ONCE]
        await asyncio.gather(*(chats.save_question(m, session, None) for m in batch))
    before = await ids_of(chats, 100, newest_first=False)

    async def write() -> int:
        written = 0
        while not done.is_set():
            await chats.save_question(a_message(now_timestamp(), "meanwhile"), session, None)
            written += 1
        return written

    done = asyncio.Event()
    writer = asyncio.create_task(write())
    forwards = await ids_of(chats, 100, newest_first=False)
    backwards = await ids_of(chats, 7, newest_first=True)
    done.set()
    written = await writer
    whole = (
        len(set(before)) == MESSAGES,
        forwards[: len(before)] == before,
        len(set(forwards)) == len(forwards),
        backwards[::-1][: len(before)] == before,
        len(set(backwards)) == len(backwards),
    )
    figures(
        f"a chat of {MESSAGES} messages, both ways",
        cases=2,
        passed=2 * all(whole),
        figure=f"{written} written meanwhile",
    )
    assert written
    assert all(whole)


async def test_writers_in_the_same_microsecond_overwrite_nothing(
    dynamodb: DynamoDBClient, figures: Figures
) -> None:
    chats = ChatRepository(dynamodb)
    session = await open_chat(chats)
    now = now_timestamp()
    written = [a_message(now, str(number)) for number in range(WRITERS)]
    await asyncio.gather(*(chats.save_question(m, session, None) for m in written))
    found = await ids_of(chats, 9, newest_first=False)
    kept = sorted(found[1:]) == sorted(message.message_id for message in written)
    figures("writers in the same microsecond", cases=WRITERS, passed=WRITERS * kept)
    assert kept
