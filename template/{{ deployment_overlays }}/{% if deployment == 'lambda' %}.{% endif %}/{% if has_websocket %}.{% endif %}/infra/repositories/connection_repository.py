"""Connections in the single table.

Access patterns (P is the partition key, S the sort key; nothing scans):

    one connection              GetItem  P = CONNECTION#<connection>  S = STATE
    its sessions                Query    P = CONNECTION#<connection>  S begins with SESSION#
    one of its sessions         GetItem  P = CONNECTION#<connection>  S = SESSION#<session>
    who follows a chat          Query    P = FOLLOWERS#<chat>         S begins with CONNECTION#

A turn costs, beside what it costs on any transport: 1 read of the connection and 1 of its session, 2
writes that take and free its place, 1 write for a session that is new, and 1 read for each look
whether the client still wants it. A message that is refused or asks to follow a chat costs 1 write
more. What a crash leaves behind expires after API Gateway's longest connection.
"""

import time
from collections.abc import Sequence

from app.core.ports.connections import ConnectionStorage, FollowerStorage
from domain.dto.chat import Session
from domain.dto.connection import Connection, Counted
from domain.exceptions.connection import TurnInProgress
from domain.exceptions.storage import ConditionFailed
from domain.keys import escape_key_part
from infra.dynamodb.dynamodb_client import DynamoDBClient, Item, Key

# API Gateway ends a connection after two hours.
_LIFETIME_SECONDS = 2 * 3600 + 600
# Longer than the function that runs turns may take: then its place is free again.
_TURN_SECONDS = 300
_COUNTING_SECONDS = 10
# A connection that opens more sessions leaves the oldest to their idle time-out.
_MAX_SESSIONS = 1000
_MAX_FOLLOWERS = 100

_STATE = "STATE"
_SESSION = "SESSION#"
_FOLLOWER = "CONNECTION#"


class ConnectionRepository(ConnectionStorage, FollowerStorage):
    """ConnectionStorage and FollowerStorage on DynamoDB."""

    def __init__(self, dynamodb: DynamoDBClient) -> None:
        self._dynamodb = dynamodb

    async def open(
        self, connection_id: str, user_id: str | None, valid_until: float | None = None
    ) -> None:
        await self._dynamodb.put(
            {
                **_state_key(connection_id).attributes(),
                "user_id": user_id,
                "valid_until": None if valid_until is None else int(valid_until),
                "expires_at": _expiry(),
            }
        )

    async def find(self, connection_id: str) -> Connection | None:
        item = await self._dynamodb.get(_state_key(connection_id))
        return None if item is None or _is_expired(item) else _to_connection(connection_id, item)

    async def begin_turn(self, connection_id: str, turn_id: str) -> None:
        now = int(time.time())
        try:
            await self._dynamodb.update(
                _state_key(connection_id),
                "SET turn_id = :turn, turn_until = :until REMOVE cancelled_turn_id",
                {":turn": turn_id, ":until": now + _TURN_SECONDS, ":now": now},
                condition=(
                    "attribute_exists(partition_key)"
                    " AND (attribute_not_exists(turn_id) OR turn_until < :now)"
                ),
                returned="NONE",
            )
        except ConditionFailed as error:
            raise TurnInProgress(connection_id) from error

    async def cancel_turn(self, connection_id: str, turn_id: str) -> None:
        await self._update_turn(connection_id, turn_id, "SET cancelled_turn_id = :turn")

    async def end_turn(self, connection_id: str, turn_id: str) -> None:
        await self._update_turn(connection_id, turn_id, "REMOVE turn_id, turn_until")

    async def _update_turn(self, connection_id: str, turn_id: str, expression: str) -> None:
        try:
            await self._dynamodb.update(
                _state_key(connection_id),
                expression,
                {":turn": turn_id},
                condition="turn_id = :turn",
                returned="NONE",
            )
        except ConditionFailed:
            # The turn is over, or the client has left.
            return

    async def keep_session(self, connection_id: str, session: Session) -> None:
        await self._dynamodb.put(
            {
                **_session_key(connection_id, session.session_id).attributes(),
                "session_id": session.session_id,
                "chat_id": session.chat_id,
                "user_id": session.user_id,
                "started_at": session.started_at,
                "last_activity_at": session.last_activity_at,
                "expires_at": _expiry(),
            }
        )

    async def find_session(self, connection_id: str, session_id: str) -> Session | None:
        item = await self._dynamodb.get(_session_key(connection_id, session_id))
        return None if item is None or _is_expired(item) else _to_session(item)

    async def count(self, connection_id: str, what: Counted) -> int:
        window = int(time.time()) // _COUNTING_SECONDS
        item = await self._dynamodb.update(
            Key(_partition(connection_id), f"{what}#{window}"),
            "ADD counted :one SET expires_at = :expiry",
            {":one": 1, ":expiry": _expiry()},
        )
        return _number(item, "counted")

    async def close(self, connection_id: str) -> Sequence[Session]:
        state = await self.find(connection_id)
        await self._dynamodb.delete(_state_key(connection_id))
        if state is not None and state.followed_chat_id is not None:
            await self._dynamodb.delete(_follower_key(state.followed_chat_id, connection_id))
        items, _ = await self._dynamodb.query(
            _partition(connection_id), prefix=_SESSION, limit=_MAX_SESSIONS
        )
        return [_to_session(item) for item in items if not _is_expired(item)]

    async def follow(self, connection_id: str, chat_id: str) -> None:
        before = await self.find(connection_id)
        if before is not None and before.followed_chat_id not in (None, chat_id):
            await self.unfollow(connection_id, before.followed_chat_id or "")
        await self._dynamodb.put(
            {
                **_follower_key(chat_id, connection_id).attributes(),
                "connection_id": connection_id,
                "expires_at": _expiry(),
            }
        )
        try:
            await self._dynamodb.update(
                _state_key(connection_id),
                "SET followed_chat_id = :chat",
                {":chat": chat_id},
                condition="attribute_exists(partition_key)",
                returned="NONE",
            )
        except ConditionFailed:
            # It closed meanwhile, when nobody knew yet what it follows.
            await self._dynamodb.delete(_follower_key(chat_id, connection_id))

    async def unfollow(self, connection_id: str, chat_id: str) -> None:
        await self._dynamodb.delete(_follower_key(chat_id, connection_id))
        try:
            await self._dynamodb.update(
                _state_key(connection_id),
                "REMOVE followed_chat_id",
                {":chat": chat_id},
                condition="followed_chat_id = :chat",
                returned="NONE",
            )
        except ConditionFailed:
            return

    async def followers(self, chat_id: str) -> Sequence[str]:
        items, _ = await self._dynamodb.query(
            f"FOLLOWERS#{escape_key_part(chat_id)}", prefix=_FOLLOWER, limit=_MAX_FOLLOWERS
        )
        return [_text(i, "connection_id") for i in items if not _is_expired(i)]


def _partition(connection_id: str) -> str:
    return f"CONNECTION#{escape_key_part(connection_id)}"


def _state_key(connection_id: str) -> Key:
    return Key(_partition(connection_id), _STATE)


def _session_key(connection_id: str, session_id: str) -> Key:
    return Key(_partition(connection_id), _SESSION + escape_key_part(session_id))


def _follower_key(chat_id: str, connection_id: str) -> Key:
    return Key(f"FOLLOWERS#{escape_key_part(chat_id)}", _FOLLOWER + escape_key_part(connection_id))


def _is_expired(item: Item) -> bool:
    """Tell whether DynamoDB, which removes expired items late, ought to have removed this one."""
    return _number(item, "expires_at") <= time.time()


def _expiry() -> int:
    return int(time.time()) + _LIFETIME_SECONDS


def _to_connection(connection_id: str, item: Item) -> Connection:
    is_running = _number(item, "turn_until") >= time.time()
    return Connection(
        connection_id=connection_id,
        user_id=_text(item, "user_id") or None,
        valid_until=_number(item, "valid_until") or None,
        turn_id=(_text(item, "turn_id") or None) if is_running else None,
        cancelled_turn_id=_text(item, "cancelled_turn_id") or None,
        followed_chat_id=_text(item, "followed_chat_id") or None,
    )


def _to_session(item: Item) -> Session:
    return Session(
        session_id=_text(item, "session_id"),
        chat_id=_text(item, "chat_id"),
        user_id=_text(item, "user_id"),
        started_at=_text(item, "started_at"),
        last_activity_at=_text(item, "last_activity_at"),
    )


def _text(item: Item, name: str) -> str:
    value = item.get(name)
    return value if isinstance(value, str) else ""


def _number(item: Item, name: str) -> int:
    value = item.get(name)
    return value if isinstance(value, int) else 0
