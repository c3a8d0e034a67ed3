"""Points of conversations that clients send again, in the single table.

Access patterns (P is the partition key, S the sort key; nothing scans):

    a point by its digest       GetItem  P = USER#<user>   S = POINT#<digest>

A turn of such a client costs 1 or 2 reads and 1 write request of at most 2 units more than one that
names its chat. A copy of a chat costs 3 reads and one batch: the chat and its last 20 messages. The
points expire by themselves, 90 days after they were last written.
"""

import asyncio
import time

from app.core.ports.chat_storage import RECENT_MESSAGES
from app.core.ports.conversation_points import ConversationPoints
from domain.dto.conversation import ConversationPoint
from domain.ids import now_timestamp
from domain.keys import escape_key_part
from infra.dynamodb.dynamodb_client import DynamoDBClient, Item, Key

_KEPT_SECONDS = 90 * 24 * 3600
_MESSAGE = "MSG#"
_HANDOFF = "MSG_HANDOFF"


class ConversationPointRepository(ConversationPoints):
    """ConversationPoints on DynamoDB."""

    def __init__(self, dynamodb: DynamoDBClient) -> None:
        self._dynamodb = dynamodb

    async def find(self, user_id: str, digest: str) -> ConversationPoint | None:
        item = await self._dynamodb.get(_point_key(user_id, digest))
        return None if item is None else _to_point(item)

    async def save(self, user_id: str, points: dict[str, ConversationPoint]) -> None:
        expires_at = int(time.time()) + _KEPT_SECONDS
        await self._dynamodb.put_many(
            [
                {
                    **_point_key(user_id, digest).attributes(),
                    "chat_id": point.chat_id,
                    "session_id": point.session_id,
                    "session_started_at": point.session_started_at,
                    "reached_at": point.reached_at,
                    "continuations": point.continuations,
                    "expires_at": expires_at,
                }
                for digest, point in points.items()
            ]
        )

    async def branch(self, user_id: str, point: ConversationPoint, branch_id: str) -> bool:
        partition = _chat_partition(point.chat_id)
        ticket, chat, (messages, _) = await asyncio.gather(
            self._dynamodb.get(Key(partition, _HANDOFF)),
            self._dynamodb.get(_chat_key(user_id, point.chat_id)),
            self._dynamodb.query(
                partition,
                prefix=_MESSAGE,
                limit=RECENT_MESSAGES,
                newest_first=True,
                # Behind every id of this instant: `$` comes after the `#` before the id.
                after=f"{_MESSAGE}{point.reached_at}$",
            ),
        )
        if ticket is not None or chat is None:
            return False
        copied_to = {"partition_key": _chat_partition(branch_id)}
        now = now_timestamp()
        await self._dynamodb.put_many(
            [
                *({**message, **copied_to} for message in messages),
                {
                    **chat,
                    **_chat_key(user_id, branch_id).attributes(),
                    "created_at": now,
                    "updated_at": now,
                },
            ]
        )
        return True


def _point_key(user_id: str, digest: str) -> Key:
    return Key(f"USER#{escape_key_part(user_id)}", f"POINT#{digest}")


def _chat_key(user_id: str, chat_id: str) -> Key:
    return Key(f"USER#{escape_key_part(user_id)}", f"CHAT#{escape_key_part(chat_id)}")


def _chat_partition(chat_id: str) -> str:
    return f"CHAT#{escape_key_part(chat_id)}"


def _to_point(item: Item) -> ConversationPoint:
    continuations = item["continuations"]
    return ConversationPoint(
        chat_id=str(item["chat_id"]),
        session_id=str(item["session_id"]),
        session_started_at=str(item["session_started_at"]),
        reached_at=str(item["reached_at"]),
        continuations=continuations if isinstance(continuations, int) else 0,
    )
