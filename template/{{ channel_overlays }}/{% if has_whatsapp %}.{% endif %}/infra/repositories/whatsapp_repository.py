"""The WhatsApp inbox in the single table.

Access patterns (P is the partition key, S the sort key; nothing scans):

    a message by its id          GetItem  P = WHATSAPP_MESSAGE#<message>  S = RECEIPT
    what waits, of one person    Query    P = INBOX#<shard of the person> S begins with ENTRY#<person>#
    who waits                    Query    P = INBOX#0 .. INBOX#3          S begins with ENTRY#

An entry's S is ENTRY#<person>#<Meta's seconds>#<our microseconds>#<message>, so that a person's
messages come in order. It holds the text and is deleted with the reply; the receipt stays for eight
days, one more than Meta may redeliver, and holds the reply only while that is being sent.

A message costs, for items under 1 KB: receipt and entry (2 writes), the begun reply (1), the receipt
marked and the entry deleted (2); its lock and session are in whatsapp_people_repository.py.

Recording is two writes, the receipt first; the entries of up to 25 messages of one person are one
request. A crash between them is mended by Meta's next delivery, which finds a receipt without its
entry and puts the entry back as `suspect`, because the other reason for a missing entry is that the
reply is being finished at this very moment.
"""

import asyncio
import json
import time
import zlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

from app.core.ports.whatsapp_inbox import WhatsAppInbox
from domain.dto.backlog import Backlog
from domain.dto.whatsapp import Correction, MessageKind, SenderIdentity
from domain.dto.whatsapp_inbox import BegunReply, InboxEntry, Receipt, ReceiptState, Recording
from domain.exceptions.storage import ConditionFailed
from domain.keys import escape_key_part
from infra.dynamodb.dynamodb_client import DynamoDBClient, Item, Key

# Enough for more than 1,000 messages a second, the most that Meta delivers for one number.
SHARDS = 4
# Meta redelivers for up to seven days.
RETENTION_SECONDS = 8 * 24 * 3600

_ENTRY = "ENTRY#"
_PAGE = 1000
_WHO_AND_WHEN = ("person", "received_at", "expires_at")
_BATCH = 25
# Sorts after every character that a key part can begin with.
_LAST = "\U0010ffff"


class WhatsAppRepository(WhatsAppInbox):
    """WhatsAppInbox on DynamoDB."""

    def __init__(self, dynamodb: DynamoDBClient) -> None:
        self._dynamodb = dynamodb

    async def record(self, *entries: InboxEntry) -> Sequence[Recording]:
        now = int(time.time())
        are_new = await asyncio.gather(*(self._claim(entry, now) for entry in entries))
        new = [entry for entry, is_new in zip(entries, are_new, strict=True) if is_new]
        if len(new) == 1:
            await self._dynamodb.put(_entry_item(new[0], now))
        elif new:
            await self._dynamodb.put_many([_entry_item(entry, now) for entry in new])
        return await asyncio.gather(
            *(
                self._recording(entry, now, is_new=is_new)
                for entry, is_new in zip(entries, are_new, strict=True)
            )
        )

    async def _claim(self, entry: InboxEntry, now: int) -> bool:
        """Write the message's receipt; returns whether there was none."""
        receipt = _receipt_item(entry.message_id, ReceiptState.RECEIVED, now)
        try:
            await self._dynamodb.put(
                {**receipt, **_place(entry)},
                # DynamoDB removes expired items late, by days.
                condition="attribute_not_exists(partition_key) OR expires_at < :now",
                values={":now": now},
            )
        except ConditionFailed:
            return False
        return True

    async def _recording(self, entry: InboxEntry, now: int, *, is_new: bool) -> Recording:
        """Return what became of a message; one that was known is put back where it is missing."""
        if is_new:
            return Recording.NEW
        receipt = await self._dynamodb.get(_receipt_key(entry.message_id))
        if receipt is None or receipt["state"] != ReceiptState.RECEIVED:
            return Recording.DUPLICATE
        first = replace(
            entry,
            person=_text(receipt, "person"),
            sent_at=_number(receipt, "sent_at"),
            received_at=_number(receipt, "received_at"),
        )
        try:
            await self._dynamodb.put(
                {**_entry_item(first, now), "suspect": True},
                condition="attribute_not_exists(partition_key)",
            )
        except ConditionFailed:
            return Recording.WAITING
        return Recording.REPAIRED

    async def correct(self, correction: Correction) -> None:
        receipt = await self._dynamodb.get(_receipt_key(correction.message_id)) or {}
        if receipt.get("state") != ReceiptState.RECEIVED:
            return
        entry = InboxEntry(
            message_id=correction.message_id,
            person=_text(receipt, "person"),
            sender=SenderIdentity(),
            kind=MessageKind.QUESTION,
            text=correction.text or "",
            sent_at=_number(receipt, "sent_at"),
            received_at=_number(receipt, "received_at"),
        )
        try:
            if correction.text is None:
                await self._take_back(entry)
            else:
                await self._dynamodb.update(
                    _entry_key(entry),
                    "SET #text = :text, kind = :kind",
                    {":text": entry.text, ":kind": entry.kind},
                    condition="attribute_exists(partition_key)",
                    names={"#text": "text"},
                    returned="NONE",
                )
        except ConditionFailed:
            # Its reply is on the way.
            return

    async def _take_back(self, entry: InboxEntry) -> None:
        await self._dynamodb.update(
            _receipt_key(entry.message_id),
            "SET #state = :answered",
            {":answered": ReceiptState.ANSWERED, ":received": ReceiptState.RECEIVED},
            condition="#state = :received",
            names={"#state": "state"},
            returned="NONE",
        )
        await self._dynamodb.delete(_entry_key(entry))

    async def waiting(self, person: str, limit: int) -> Sequence[InboxEntry]:
        items, _ = await self._dynamodb.query(
            _inbox_partition(person), prefix=_person_prefix(person), limit=limit
        )
        return [_to_entry(item) for item in items if not _is_expired(item)]

    async def people_waiting(self, received_before: int) -> AsyncIterator[str]:
        since = await self._waiting_since()
        # Were they taken by shard, under load some would never have their turn.
        for person in sorted(since, key=since.__getitem__):
            if since[person] < received_before:
                yield person

    async def backlog(self) -> Backlog:
        since = await self._waiting_since()
        return Backlog(len(since), min(since.values()) / 1_000_000 if since else None)

    async def _waiting_since(self) -> dict[str, int]:
        """Return when the first unanswered message came, in microseconds, of everyone with one."""
        since: dict[str, int] = {}
        for shard in range(SHARDS):
            async for person, received_at in self._entries_of_shard(f"INBOX#{shard}"):
                since[person] = min(received_at, since.get(person, received_at))
        return since

    async def _entries_of_shard(self, partition: str) -> AsyncIterator[tuple[str, int]]:
        """Yield who wrote a message and when it came; of someone's many perhaps only the first."""
        after: str | None = None
        while True:
            items, more = await self._dynamodb.query(
                partition, prefix=_ENTRY, limit=_PAGE, after=after, attributes=_WHO_AND_WHEN
            )
            for item in items:
                if not _is_expired(item):
                    yield _text(item, "person"), _number(item, "received_at")
            if not more:
                return
            # Whoever wrote a thousand messages must not hide those behind them.
            after = _person_prefix(_text(items[-1], "person")) + _LAST

    async def receipt(self, message_id: str) -> Receipt | None:
        item = await self._dynamodb.get(_receipt_key(message_id))
        if item is None or _is_expired(item):
            return None
        reply = _to_reply(item)
        return Receipt(_state(item), reply, () if reply else _also_answers(item))

    async def begin_reply(self, entry: InboxEntry, reply: BegunReply) -> None:
        await self._dynamodb.update(
            _receipt_key(entry.message_id),
            "SET #state = :sending, reply = :reply, parts_sent = :parts, also_answers = :others",
            {
                ":sending": ReceiptState.SENDING,
                ":received": ReceiptState.RECEIVED,
                ":reply": reply.text,
                ":parts": reply.parts_sent,
                ":others": json.dumps(reply.also_answers),
            },
            condition="#state = :received",
            names={"#state": "state"},
        )

    async def note_parts_sent(self, entry: InboxEntry, parts_sent: int) -> None:
        await self._dynamodb.update(
            _receipt_key(entry.message_id),
            "SET parts_sent = :parts REMOVE may_be_sent",
            {":parts": parts_sent, ":sending": ReceiptState.SENDING},
            condition="#state = :sending",
            names={"#state": "state"},
        )

    async def note_uncertain(self, entry: InboxEntry) -> None:
        await self._dynamodb.update(
            _receipt_key(entry.message_id),
            "SET may_be_sent = :yes",
            {":yes": True, ":sending": ReceiptState.SENDING},
            condition="#state = :sending",
            names={"#state": "state"},
        )

    async def finish(self, entries: Sequence[InboxEntry], state: ReceiptState) -> None:
        now = int(time.time())
        first, *others = (_receipt_item(entry.message_id, state, now) for entry in entries)
        if others:
            # From here on nothing is sent again; whoever finds the first entry finishes the others.
            first["also_answers"] = json.dumps([entry.message_id for entry in entries[1:]])
        await self._dynamodb.put(first)
        for start in range(0, len(others), _BATCH):
            await self._dynamodb.put_many(others[start : start + _BATCH])
        await asyncio.gather(*(self._dynamodb.delete(_entry_key(entry)) for entry in entries[1:]))
        await self._dynamodb.delete(_entry_key(entries[0]))


def _inbox_partition(person: str) -> str:
    return f"INBOX#{zlib.crc32(person.encode()) % SHARDS}"


def _person_prefix(person: str) -> str:
    return f"{_ENTRY}{escape_key_part(person)}#"


def _entry_key(entry: InboxEntry) -> Key:
    order = f"{entry.sent_at:011d}#{entry.received_at:017d}"
    return Key(
        _inbox_partition(entry.person),
        f"{_person_prefix(entry.person)}{order}#{escape_key_part(entry.message_id)}",
    )


def _receipt_key(message_id: str) -> Key:
    return Key(f"WHATSAPP_MESSAGE#{escape_key_part(message_id)}", "RECEIPT")


def _receipt_item(message_id: str, state: ReceiptState, now: int) -> Item:
    return {
        **_receipt_key(message_id).attributes(),
        "state": state,
        "changed_at": now,
        "expires_at": now + RETENTION_SECONDS,
    }


def _place(entry: InboxEntry) -> Item:
    """Return what the entry's key is made of."""
    return {
        "person": entry.person,
        "sent_at": entry.sent_at,
        "received_at": entry.received_at,
    }


def _entry_item(entry: InboxEntry, now: int) -> Item:
    return {
        **_entry_key(entry).attributes(),
        **_place(entry),
        "message_id": entry.message_id,
        "phone": entry.sender.phone,
        "business_scoped_id": entry.sender.business_scoped_id,
        "kind": entry.kind,
        "text": entry.text,
        "expires_at": now + RETENTION_SECONDS,
    }


def _to_entry(item: Item) -> InboxEntry:
    return InboxEntry(
        message_id=_text(item, "message_id"),
        person=_text(item, "person"),
        sender=SenderIdentity(
            _text(item, "phone") or None, _text(item, "business_scoped_id") or None
        ),
        kind=_kind(item),
        text=_text(item, "text"),
        sent_at=_number(item, "sent_at"),
        received_at=_number(item, "received_at"),
        suspect=item.get("suspect") is True,
    )


def _to_reply(item: Item) -> BegunReply | None:
    if "reply" not in item:
        return None
    return BegunReply(
        _text(item, "reply"),
        _number(item, "parts_sent"),
        _also_answers(item),
        may_be_sent=item.get("may_be_sent") is True,
    )


def _also_answers(item: Item) -> tuple[str, ...]:
    return tuple(json.loads(_text(item, "also_answers") or "[]"))


def _state(item: Item) -> ReceiptState:
    try:
        return ReceiptState(_text(item, "state"))
    except ValueError:
        # A newer version of the bot, which runs beside this one, knows what it means.
        return ReceiptState.ANSWERED


def _kind(item: Item) -> MessageKind:
    try:
        return MessageKind(_text(item, "kind"))
    except ValueError:
        # As above; this version can tell no more than that it cannot read it.
        return MessageKind.UNSUPPORTED


def _is_expired(item: Item) -> bool:
    return _number(item, "expires_at") < time.time()


def _text(item: Item, name: str) -> str:
    value = item.get(name)
    return value if isinstance(value, str) else ""


def _number(item: Item, name: str) -> int:
    value = item.get(name)
    return value if isinstance(value, int) else 0
