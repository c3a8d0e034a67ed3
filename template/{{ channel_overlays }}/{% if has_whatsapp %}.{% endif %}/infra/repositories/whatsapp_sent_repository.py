"""Operators' messages by Meta's ids, in the single table.

Access patterns (P is the partition key, S the sort key; nothing scans):

    a sent message by its id     GetItem     P = WHATSAPP_MESSAGE#<message>  S = SENT
    how far it came              UpdateItem  P = CHAT#<chat>                 S = MSG#<time>#<message>

Whoever comes first writes the item: the operator's side, which message it is, or Meta's report, that
it was not delivered; the other one finds it. It costs 1 write, of an operator's message and of a reply
that Meta could not deliver, and goes after eight days.
"""

import time

from app.core.ports.whatsapp_sent import SentMessages
from domain.dto.whatsapp_sent import SentMessage
from domain.exceptions.storage import ConditionFailed
from domain.keys import escape_key_part
from infra.dynamodb.dynamodb_client import DynamoDBClient, Item, Key

_RETENTION_SECONDS = 8 * 24 * 3600


class WhatsAppSentRepository(SentMessages):
    """SentMessages on DynamoDB."""

    def __init__(self, dynamodb: DynamoDBClient) -> None:
        self._dynamodb = dynamodb

    async def remember(self, message_id: str, message: SentMessage) -> int | None:
        content: Item = {
            "chat_id": message.chat_id,
            "message_id": message.message_id,
            "created_at": message.created_at,
        }
        if await self._put_first(message_id, content):
            return None
        noted = await self._dynamodb.get(_sent_key(message_id)) or {}
        code = noted.get("failure_code")
        return code if isinstance(code, int) else None

    async def note_failure(self, message_id: str, code: int) -> bool:
        return await self._put_first(message_id, {"failure_code": code})

    async def find(self, message_id: str) -> SentMessage | None:
        item = await self._dynamodb.get(_sent_key(message_id))
        if item is None or "chat_id" not in item:
            return None
        return SentMessage(
            chat_id=str(item["chat_id"]),
            message_id=str(item["message_id"]),
            created_at=str(item["created_at"]),
        )

    async def mark(self, message: SentMessage, before: str, delivery: str) -> bool:
        try:
            await self._dynamodb.update(
                Key(
                    f"CHAT#{escape_key_part(message.chat_id)}",
                    f"MSG#{message.created_at}#{message.message_id}",
                ),
                "SET delivery = :delivery",
                {":delivery": delivery, ":before": before},
                condition="delivery = :before",
                returned="NONE",
            )
        except ConditionFailed:
            return False
        return True

    async def _put_first(self, message_id: str, content: Item) -> bool:
        now = int(time.time())
        expires_at = now + _RETENTION_SECONDS
        try:
            await self._dynamodb.put(
                {**_sent_key(message_id).attributes(), **content, "expires_at": expires_at},
                # DynamoDB removes expired items late, by days.
                condition="attribute_not_exists(partition_key) OR expires_at < :now",
                values={":now": now},
            )
        except ConditionFailed:
            return False
        return True


def _sent_key(message_id: str) -> Key:
    return Key(f"WHATSAPP_MESSAGE#{escape_key_part(message_id)}", "SENT")
