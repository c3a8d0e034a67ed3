"""Chats in the single table.

Access patterns (S is the sort key, P the partition key; nothing scans):

    chats of a user         Query    P = USER#<user>   S begins with CHAT#
    one chat of a user      GetItem  P = USER#<user>   S = CHAT#<chat>
    messages of a chat      Query    P = CHAT#<chat>   S begins with MSG#
    end of a chat           Query    P = CHAT#<chat>   S begins with MSG, backwards: MSG_HANDOFF and
                                     MSG_CHECKPOINT come before every MSG#
    sessions of a chat      Query    P = CHAT#<chat>   S begins with SESSION#
    one session             GetItem  P = CHAT#<chat>   S = SESSION#<session>
    one answer by its id    Query    P = CHAT#<chat>   S begins with MSG#, from the time in the id on

A turn costs 1 read (the recent messages; none in a new chat), 3 write requests and, for items under
1 KB, 4 write units (5 in a new chat, or where the graph waits for the user): the question with its
session (and chat) in one batch, the answer (with the checkpoint), and the chat's preview. A question
that names a session which its channel did not open itself costs one GetItem more. A turn without an
answer costs one UpdateItem of its question instead of the last two. What people think of an answer, and
the steps that led to it, are attributes of its item.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import TypeVar

from app.core.ports.chat_storage import RECENT_MESSAGES, ChatStorage, ListingRequest
from domain.dto.chat import Chat, Message, Page, RecentTurns, Role, Session, Spending, TokenUsage
from domain.dto.handoff import TicketReference
from domain.dto.rating import Rater, Thumb
from domain.dto.turn_step import steps_from_text, steps_to_text
from domain.exceptions.storage import ConditionFailed
from domain.ids import is_own_id, shift_timestamp, time_of_id
from domain.keys import escape_key_part, unescape_key_part
from domain.text import cut
from infra.dynamodb.cursors import cursor_after, sort_key_of
from infra.dynamodb.dynamodb_client import DynamoDBClient, Item, Key, refuse_too_large

PREVIEW_GRAPHEMES = 120

_CHAT = "CHAT#"
_SESSION = "SESSION#"
_MESSAGE = "MSG#"
_MESSAGE_OR_MARKER = "MSG"
_HANDOFF = "MSG_HANDOFF"
_CHECKPOINT = "MSG_CHECKPOINT"
_MARKERS = 2
# An answer is stored after its id was made; a clock may have been put back in between.
_CLOCK_CHANGE = timedelta(minutes=1)
# Many more than a turn's time has room for.
_LOOK_AT_MESSAGES = 100
_PAGE_OF_MESSAGES = 10
# What of a message a turn goes on from; of a long item, the rest need not travel.
_SAID = ("sort_key", "user_id", "role", "content", "spent_turns", "spent_tokens")
_ROLES: dict[str, Role] = {"assistant": "assistant", "operator": "operator"}

_Entity = TypeVar("_Entity")


class ChatRepository(ChatStorage):
    """ChatStorage on DynamoDB."""

    def __init__(self, dynamodb: DynamoDBClient) -> None:
        self._dynamodb = dynamodb

    async def recent_turns(
        self, user_id: str, chat_id: str, limit: int = RECENT_MESSAGES
    ) -> RecentTurns | None:
        items, _ = await self._dynamodb.query(
            _chat_partition(chat_id),
            prefix=_MESSAGE_OR_MARKER,
            limit=limit + _MARKERS,
            newest_first=True,
            attributes=(*_SAID, "checkpoint", "ticket_id", "opened_at"),
        )
        markers = {_text(item, "sort_key"): item for item in items[:_MARKERS]}
        handoff, checkpoint = markers.get(_HANDOFF), markers.get(_CHECKPOINT)
        newest = [item for item in items if _text(item, "sort_key").startswith(_MESSAGE)][:limit]
        messages = tuple(_to_said(item, chat_id) for item in reversed(newest))
        # Every message bears its owner, so that one read serves history and ownership.
        if not messages or any(message.user_id != user_id for message in messages):
            return None
        return RecentTurns(messages, _checkpoint(checkpoint), _ticket(handoff))

    async def find_session(self, chat_id: str, session_id: str) -> Session | None:
        item = await self._dynamodb.get(_session_key(chat_id, session_id))
        return None if item is None else _to_session(item)

    async def save_question(
        self, question: Message, session: Session, new_chat: Chat | None
    ) -> None:
        items = [_message_item(question), _session_item(session)]
        if new_chat is not None:
            items.append(_chat_item(question.user_id, new_chat))
        await self._dynamodb.put_many(items)

    async def save_answer(
        self, answer: Message, first_title: str, checkpoint: bytes | None = None
    ) -> None:
        items = [_message_item(answer)]
        if checkpoint is not None:
            items.append(_checkpoint_item(answer.chat_id, checkpoint))
        # Before anything is written: a preview must not tell of an answer that is not there.
        refuse_too_large(items)
        await asyncio.gather(self._keep_answer(items), self._show_answer(answer, first_title))

    async def _keep_answer(self, items: list[Item]) -> None:
        if len(items) == 1:
            await self._dynamodb.put(items[0])
        else:
            await self._dynamodb.put_many(items)

    async def _show_answer(self, answer: Message, first_title: str) -> None:
        await self._dynamodb.update(
            _chat_key(answer.user_id, answer.chat_id),
            "SET preview = :preview, updated_at = :now,"
            " title = if_not_exists(title, :title), created_at = if_not_exists(created_at, :now)",
            {
                ":preview": cut(answer.content, PREVIEW_GRAPHEMES),
                ":now": answer.created_at,
                ":title": first_title,
            },
            returned="NONE",
        )

    async def save_operator_message(self, message: Message) -> None:
        await asyncio.gather(
            self._keep_answer([_message_item(message)]), self._show_answer(message, "")
        )

    async def save_failure(self, question: Message) -> None:
        try:
            await self._keep_failure(question)
        except ConditionFailed:
            # It was erased meanwhile.
            return

    async def _keep_failure(self, question: Message) -> None:
        await self._dynamodb.update(
            _message_key(question),
            "SET spent_turns = :turns, spent_tokens = :tokens, error_code = :code, steps = :steps,"
            " channel = :channel",
            {
                ":turns": question.spent.turns,
                ":tokens": question.spent.tokens,
                ":code": question.error_code,
                ":steps": steps_to_text(question.steps),
                ":channel": question.channel,
            },
            condition="attribute_exists(partition_key)",
            returned="NONE",
        )

    async def end_session(self, session: Session, ended_at: str) -> None:
        try:
            await self._dynamodb.update(
                _session_key(session.chat_id, session.session_id),
                "SET ended_at = :ended_at, is_active = :no",
                {":ended_at": ended_at, ":no": False, ":yes": True},
                condition="is_active = :yes",
                returned="NONE",
            )
        except ConditionFailed:
            return

    async def list_chats(self, user_id: str, listing: ListingRequest) -> Page[Chat]:
        return await self._list(_user_partition(user_id), _CHAT, listing, _to_chat)

    async def list_messages(
        self, user_id: str, chat_id: str, listing: ListingRequest
    ) -> Page[Message] | None:
        if await self.find_chat(user_id, chat_id) is None:
            return None
        return await self._list(
            _chat_partition(chat_id), _MESSAGE, listing, lambda item: _to_message(item, chat_id)
        )

    async def list_sessions(
        self, user_id: str, chat_id: str, listing: ListingRequest
    ) -> Page[Session] | None:
        if await self.find_chat(user_id, chat_id) is None:
            return None
        return await self._list(_chat_partition(chat_id), _SESSION, listing, _to_session)

    async def rename_chat(self, user_id: str, chat_id: str, title: str) -> Chat | None:
        try:
            item = await self._dynamodb.update(
                _chat_key(user_id, chat_id),
                "SET title = :title",
                {":title": title},
                condition="attribute_exists(partition_key)",
            )
        except ConditionFailed:
            return None
        return _to_chat(item)

    async def find_chat(self, user_id: str, chat_id: str) -> Chat | None:
        item = await self._dynamodb.get(_chat_key(user_id, chat_id))
        return None if item is None else _to_chat(item)

    async def owner_of(self, chat_id: str) -> str | None:
        items, _ = await self._dynamodb.query(_chat_partition(chat_id), prefix=_MESSAGE, limit=1)
        return _text(items[0], "user_id") if items else None

    async def find_answer(self, chat_id: str, message_id: str) -> Message | None:
        if not is_own_id(message_id):
            return None
        after = f"{_MESSAGE}{shift_timestamp(time_of_id(message_id), -_CLOCK_CHANGE)}"
        for _ in range(0, _LOOK_AT_MESSAGES, _PAGE_OF_MESSAGES):
            items, more = await self._dynamodb.query(
                _chat_partition(chat_id), prefix=_MESSAGE, limit=_PAGE_OF_MESSAGES, after=after
            )
            for item in items:
                after = _text(item, "sort_key")
                if after.endswith(f"#{message_id}") and item.get("role") == "assistant":
                    return _to_message(item, chat_id)
            if not more:
                return None
        return None

    async def save_thumb(self, answer: Message, rater: Rater, thumb: Thumb) -> bool:
        try:
            await self._dynamodb.update(
                _message_key(answer),
                f"SET {rater}_is_good = :good, {rater}_comment = :comment, {rater}_rated_at = :at",
                {":good": thumb.is_good, ":comment": thumb.comment, ":at": thumb.rated_at},
                condition="attribute_exists(partition_key) AND"
                f" (attribute_not_exists({rater}_rated_at) OR {rater}_rated_at <= :at)",
                returned="NONE",
            )
        except ConditionFailed:
            return False
        return True

    async def _list(
        self,
        partition: str,
        prefix: str,
        listing: ListingRequest,
        convert: Callable[[Item], _Entity],
    ) -> Page[_Entity]:
        items, more = await self._dynamodb.query(
            partition,
            prefix=prefix,
            limit=listing.limit,
            newest_first=listing.newest_first,
            after=None if listing.cursor is None else sort_key_of(listing.cursor, prefix),
        )
        cursor = cursor_after(_text(items[-1], "sort_key")) if items and more else None
        return Page(tuple(convert(item) for item in items), cursor)


def _user_partition(user_id: str) -> str:
    return f"USER#{escape_key_part(user_id)}"


def _chat_partition(chat_id: str) -> str:
    return f"CHAT#{escape_key_part(chat_id)}"


def _chat_key(user_id: str, chat_id: str) -> Key:
    return Key(_user_partition(user_id), f"{_CHAT}{escape_key_part(chat_id)}")


def _session_key(chat_id: str, session_id: str) -> Key:
    return Key(_chat_partition(chat_id), f"{_SESSION}{escape_key_part(session_id)}")


def _message_key(message: Message) -> Key:
    return Key(
        _chat_partition(message.chat_id), f"{_MESSAGE}{message.created_at}#{message.message_id}"
    )


def _chat_item(user_id: str, chat: Chat) -> Item:
    return {
        **_chat_key(user_id, chat.chat_id).attributes(),
        "title": chat.title,
        "preview": chat.preview,
        "created_at": chat.created_at,
        "updated_at": chat.updated_at,
    }


def _session_item(session: Session) -> Item:
    return {
        **_session_key(session.chat_id, session.session_id).attributes(),
        "user_id": session.user_id,
        "started_at": session.started_at,
        "last_activity_at": session.last_activity_at,
        "ended_at": session.ended_at,
        "is_active": session.ended_at is None,
    }


def _message_item(message: Message) -> Item:
    item: Item = {
        **_message_key(message).attributes(),
        "user_id": message.user_id,
        "role": message.role,
        "content": message.content,
        "created_at": message.created_at,
    }
    if message.role == "assistant":
        item["input_tokens"] = message.usage.input_tokens
        item["output_tokens"] = message.usage.output_tokens
    if message.channel:
        item["channel"] = message.channel
    if message.steps:
        item["steps"] = steps_to_text(message.steps)
    if message.handed_over:
        item["handed_over"] = True
    if message.role != "operator":
        item["spent_turns"] = message.spent.turns
        item["spent_tokens"] = message.spent.tokens
    if message.delivery is not None:
        item["delivery"] = message.delivery
    return item


def _checkpoint_item(chat_id: str, checkpoint: bytes) -> Item:
    key = Key(_chat_partition(chat_id), _CHECKPOINT)
    # Where the graph no longer waits, the item stays without one: deleting it would take a request more.
    return {**key.attributes(), **({"checkpoint": checkpoint} if checkpoint else {})}


def _checkpoint(item: Item | None) -> bytes | None:
    content = None if item is None else item.get("checkpoint")
    return content if isinstance(content, bytes) else None


def _ticket(item: Item | None) -> TicketReference | None:
    if item is None:
        return None
    return TicketReference(_text(item, "ticket_id"), _text(item, "opened_at"))


def _to_chat(item: Item) -> Chat:
    return Chat(
        chat_id=unescape_key_part(_text(item, "sort_key").removeprefix(_CHAT)),
        title=_text(item, "title"),
        preview=_text(item, "preview"),
        created_at=_text(item, "created_at"),
        updated_at=_text(item, "updated_at"),
    )


def _to_session(item: Item) -> Session:
    return Session(
        session_id=unescape_key_part(_text(item, "sort_key").removeprefix(_SESSION)),
        chat_id=unescape_key_part(_text(item, "partition_key").removeprefix(_CHAT)),
        user_id=_text(item, "user_id"),
        started_at=_text(item, "started_at"),
        last_activity_at=_text(item, "last_activity_at"),
        ended_at=_text(item, "ended_at") or None,
    )


def _to_said(item: Item, chat_id: str) -> Message:
    """Return what `_SAID` names of a message, and no more: every turn reads twenty of them."""
    _, created_at, message_id = _text(item, "sort_key").split("#")
    return Message(
        message_id=message_id,
        chat_id=chat_id,
        user_id=_text(item, "user_id"),
        role=_ROLES.get(_text(item, "role"), "user"),
        content=_text(item, "content"),
        created_at=created_at,
        spent=Spending(_number(item, "spent_turns"), _number(item, "spent_tokens")),
    )


def _to_message(item: Item, chat_id: str) -> Message:
    return replace(
        _to_said(item, chat_id),
        usage=TokenUsage(_number(item, "input_tokens"), _number(item, "output_tokens")),
        delivery=_text(item, "delivery") or None,
        channel=_text(item, "channel"),
        steps=steps_from_text(_text(item, "steps")),
        error_code=_text(item, "error_code") or None,
        handed_over=item.get("handed_over") is True,
        user_thumb=_thumb(item, "user"),
        operator_thumb=_thumb(item, "operator"),
    )


def _thumb(item: Item, rater: Rater) -> Thumb | None:
    rated_at = _text(item, f"{rater}_rated_at")
    if not rated_at:
        return None
    is_good = item.get(f"{rater}_is_good")
    comment = _text(item, f"{rater}_comment")
    return Thumb(is_good if isinstance(is_good, bool) else None, comment, rated_at)


def _text(item: Item, name: str) -> str:
    value = item.get(name)
    return value if isinstance(value, str) else ""


def _number(item: Item, name: str) -> int:
    value = item.get(name)
    return value if isinstance(value, int) else 0
