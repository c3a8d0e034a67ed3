"""Tickets of chats that were handed over to people, in the single table.

Access patterns (P is the partition key, S the sort key; nothing scans):

    is a chat handed over       with the end of the chat, see ChatRepository: S = MSG_HANDOFF
    tickets of a chat           Query    P = CHAT#<chat>      S begins with TICKET#
    open tickets                Query    P = TICKETS#<0 to 3> S begins with OPEN#, merged by time
    how many are open           the same, one attribute of each
    one open ticket             GetItem  P = TICKETS#<0 to 3> S = OPEN#<opened at>#<ticket>
    what operators did          Query    P = CHAT#<chat>      S begins with AUDIT#

Opening a ticket is one batch of 3 units. While the chat is handed over, a turn costs 1 write more:
since when the user waits.
"""

import asyncio
import zlib
from heapq import merge
from itertools import islice

from app.core.ports.chat_storage import ListingRequest
from app.core.ports.ticket_storage import TicketStorage
from domain.dto.backlog import Backlog
from domain.dto.chat import Page
from domain.dto.handoff import OperatorAction, Ticket, TicketReference
from domain.exceptions.storage import ConditionFailed
from domain.ids import new_id, parse_timestamp
from domain.keys import escape_key_part
from infra.dynamodb.cursors import cursor_after, sort_key_of
from infra.dynamodb.dynamodb_client import DynamoDBClient, Item, Key

# One partition takes 1,000 writes a second; four leave room without many reads for a listing.
_SHARDS = 4
_OPEN = "OPEN#"
_TICKET = "TICKET#"
# Of a shard; whoever has more open tickets than this does not need the exact number.
_COUNTED = 1_000
# More than one only if two replicas handed the same chat over in the same moment.
_TICKETS_OF_A_CHAT = 25


class TicketRepository(TicketStorage):
    """TicketStorage on DynamoDB."""

    def __init__(self, dynamodb: DynamoDBClient) -> None:
        self._dynamodb = dynamodb

    async def open(self, ticket: Ticket) -> None:
        content = _content(ticket)
        await self._dynamodb.put_many(
            [
                {**_ticket_key(ticket.chat_id, ticket.reference).attributes(), **content},
                {**_open_key(ticket.chat_id, ticket.reference).attributes(), **content},
                {**_marker_key(ticket.chat_id).attributes(), **content},
            ]
        )

    async def find_open(self, chat_id: str) -> Ticket | None:
        for reference in await self._open_of(chat_id):
            item = await self._dynamodb.get(_open_key(chat_id, reference))
            if item is not None:
                return _to_ticket(item)
        return None

    async def list_open(self, listing: ListingRequest) -> Page[Ticket]:
        after = None if listing.cursor is None else sort_key_of(listing.cursor, _OPEN)
        pages = await asyncio.gather(
            *(
                self._dynamodb.query(
                    f"TICKETS#{shard}", prefix=_OPEN, limit=listing.limit, after=after
                )
                for shard in range(_SHARDS)
            )
        )
        found = merge(*(items for items, _ in pages), key=_position)
        items = list(islice(found, listing.limit))
        is_more = sum(len(page) for page, _ in pages) > len(items) or any(m for _, m in pages)
        cursor = cursor_after(_position(items[-1])) if items and is_more else None
        return Page(tuple(_to_ticket(item) for item in items), cursor)

    async def backlog(self) -> Backlog:
        pages = await asyncio.gather(
            *(
                self._dynamodb.query(
                    f"TICKETS#{shard}", prefix=_OPEN, limit=_COUNTED, attributes=("waiting_since",)
                )
                for shard in range(_SHARDS)
            )
        )
        items = [item for page, _ in pages for item in page]
        waiting = [since for item in items if isinstance(since := item.get("waiting_since"), str)]
        oldest = parse_timestamp(min(waiting)).timestamp() if waiting else None
        return Backlog(len(items), oldest)

    async def user_waits(self, chat_id: str, ticket: TicketReference, since: str) -> None:
        try:
            await self._dynamodb.update(
                _open_key(chat_id, ticket),
                "SET waiting_since = if_not_exists(waiting_since, :since)",
                {":since": since},
                condition="attribute_exists(partition_key)",
                returned="NONE",
            )
        except ConditionFailed:
            # It was released a moment ago.
            return

    async def operator_answered(self, ticket: Ticket) -> None:
        try:
            await self._dynamodb.update(
                _open_key(ticket.chat_id, ticket.reference),
                "REMOVE waiting_since",
                {},
                condition="attribute_exists(partition_key)",
                returned="NONE",
            )
        except ConditionFailed:
            return

    async def close(self, ticket: Ticket, operator: str, at: str) -> None:
        # The bot answers again first: a ticket still listed can be closed again, a silent bot not.
        await self._dynamodb.delete(_marker_key(ticket.chat_id))
        for reference in await self._open_of(ticket.chat_id):
            await self._dynamodb.update(
                _ticket_key(ticket.chat_id, reference),
                "SET closed_at = :at, closed_by = :operator",
                {":at": at, ":operator": operator},
                returned="NONE",
            )
            await self._dynamodb.delete(_open_key(ticket.chat_id, reference))

    async def record(self, action: OperatorAction) -> None:
        key = Key(_chat_partition(action.chat_id), f"AUDIT#{action.at}#{new_id('audit')}")
        await self._dynamodb.put(
            {
                **key.attributes(),
                "operator": action.operator,
                "action": action.action,
                "ticket_id": action.ticket_id,
                "created_at": action.at,
            }
        )

    async def _open_of(self, chat_id: str) -> list[TicketReference]:
        items, _ = await self._dynamodb.query(
            _chat_partition(chat_id), prefix=_TICKET, limit=_TICKETS_OF_A_CHAT, newest_first=True
        )
        return [_to_ticket(item).reference for item in items if "closed_at" not in item]


def _chat_partition(chat_id: str) -> str:
    return f"CHAT#{escape_key_part(chat_id)}"


def _marker_key(chat_id: str) -> Key:
    return Key(_chat_partition(chat_id), "MSG_HANDOFF")


def _ticket_key(chat_id: str, ticket: TicketReference) -> Key:
    return Key(_chat_partition(chat_id), f"{_TICKET}{ticket.opened_at}#{ticket.ticket_id}")


def _open_key(chat_id: str, ticket: TicketReference) -> Key:
    shard = zlib.crc32(chat_id.encode()) % _SHARDS
    return Key(f"TICKETS#{shard}", f"{_OPEN}{ticket.opened_at}#{ticket.ticket_id}")


def _content(ticket: Ticket) -> Item:
    return {
        "ticket_id": ticket.ticket_id,
        "chat_id": ticket.chat_id,
        "user_id": ticket.user_id,
        "channel": ticket.channel,
        "reason": ticket.reason,
        "summary": ticket.summary,
        "opened_at": ticket.opened_at,
        "waiting_since": ticket.waiting_since,
    }


def _to_ticket(item: Item) -> Ticket:
    waiting_since = item.get("waiting_since")
    return Ticket(
        ticket_id=str(item["ticket_id"]),
        chat_id=str(item["chat_id"]),
        user_id=str(item["user_id"]),
        channel=str(item["channel"]),
        reason="complaint" if item["reason"] == "complaint" else "asked_for_human",
        summary=str(item["summary"]),
        opened_at=str(item["opened_at"]),
        waiting_since=waiting_since if isinstance(waiting_since, str) else None,
    )


def _position(item: Item) -> str:
    return str(item["sort_key"])
