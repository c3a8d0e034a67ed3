"""Which chats there were on a day, in the single table, and what operators took from them.

Access patterns (P is the partition key, S the sort key; nothing scans):

    chats of a day            Query    P = REVIEW#<day>#<0 to 3> S begins with CHAT#, merged by chat
    what stands out on it     Query    P = REVIEW#<day>#<0 to 3> S begins with GOOD#, BAD#, FAILED# or
                                       HANDED_OVER#
    cases that were collected Query    P = EVAL_CASES            S begins with CASE#
    what operators looked for Query    P = AUDIT#<day>           S begins with SEARCH#

The ids of chats begin with their time, so the newest chat comes first where it is read backwards. A
chat costs 1 write unit for each day on which somebody writes in it, in batches of up to 25 chats and
beside the turns (see ReviewIndex); a turn that fails or hands over 1 more, a thumb 1. All of it but the
audit expires.
"""

import asyncio
import time
import zlib
from collections.abc import Sequence
from datetime import date, timedelta
from heapq import merge
from itertools import islice

from app.core.ports.chat_storage import ListingRequest
from app.core.ports.review_storage import DayRange, MarkKind, ReviewMark, ReviewStorage
from domain.dto.chat import Page
from domain.dto.eval_case import EvalCase
from domain.exceptions.storage import InvalidCursor
from domain.ids import new_id
from domain.keys import escape_key_part
from infra.dynamodb.cursors import cursor_after, sort_key_of
from infra.dynamodb.dynamodb_client import DynamoDBClient, Item, Key

# One partition takes 1,000 writes a second; four leave room without many reads for a listing.
_SHARDS = 4
_BATCH = 25
_RETENTION_SECONDS = 90 * 24 * 3600
_ONE_DAY = timedelta(days=1)
_PREFIXES: dict[MarkKind, str] = {
    "chat": "CHAT#",
    "good": "GOOD#",
    "bad": "BAD#",
    "handed_over": "HANDED_OVER#",
    "failed": "FAILED#",
}
_CASES = "EVAL_CASES"
_CASE = "CASE#"


class ReviewRepository(ReviewStorage):
    """ReviewStorage on DynamoDB."""

    def __init__(self, dynamodb: DynamoDBClient) -> None:
        self._dynamodb = dynamodb

    async def mark(self, marks: Sequence[ReviewMark]) -> None:
        items = [_mark_item(mark) for mark in marks]
        if len(items) == 1:
            await self._dynamodb.put(items[0])
            return
        for start in range(0, len(items), _BATCH):
            await self._dynamodb.put_many(items[start : start + _BATCH])

    async def unmark(self, mark: ReviewMark) -> None:
        await self._dynamodb.delete(_mark_key(mark))

    async def list_marks(
        self, kind: MarkKind, days: DayRange, listing: ListingRequest
    ) -> Page[ReviewMark]:
        prefix = _PREFIXES[kind]
        day, after = days.last, None
        if listing.cursor is not None:
            day, after = _place(listing.cursor, prefix)
        found: list[Item] = []
        while day >= days.first:
            items, is_more = await self._of_day(day, prefix, listing.limit - len(found), after)
            found += items
            if len(found) == listing.limit and (is_more or day > days.first):
                cursor = cursor_after(f"{day}#{_position(found[-1])}")
                return Page(tuple(_to_mark(kind, item) for item in found), cursor)
            day, after = (date.fromisoformat(day) - _ONE_DAY).isoformat(), None
        return Page(tuple(_to_mark(kind, item) for item in found), None)

    async def _of_day(
        self, day: str, prefix: str, limit: int, after: str | None
    ) -> tuple[list[Item], bool]:
        pages = await asyncio.gather(
            *(
                self._dynamodb.query(
                    f"REVIEW#{day}#{shard}",
                    prefix=prefix,
                    limit=limit,
                    newest_first=True,
                    after=after,
                )
                for shard in range(_SHARDS)
            )
        )
        found = merge(*(items for items, _ in pages), key=_position, reverse=True)
        items = list(islice(found, limit))
        is_more = sum(len(page) for page, _ in pages) > len(items) or any(m for _, m in pages)
        return items, is_more

    async def save_case(self, case: EvalCase) -> None:
        await self._dynamodb.put(
            {
                **_case_key(case).attributes(),
                "chat_id": case.chat_id,
                "message_id": case.message_id,
                "user_id": case.user_id,
                "line": case.line,
                "created_at": case.collected_at,
                "expires_at": _expiry(),
            }
        )

    async def list_cases(self, listing: ListingRequest) -> Page[EvalCase]:
        after = None if listing.cursor is None else sort_key_of(listing.cursor, _CASE)
        items, more = await self._dynamodb.query(
            _CASES, prefix=_CASE, limit=listing.limit, after=after
        )
        cursor = cursor_after(_position(items[-1])) if items and more else None
        return Page(tuple(_to_case(item) for item in items), cursor)

    async def delete_case(self, case: EvalCase) -> None:
        await self._dynamodb.delete(_case_key(case))

    async def record_search(self, operator: str, what: str, user_id: str | None, at: str) -> None:
        key = Key(f"AUDIT#{at[:10]}", f"SEARCH#{at}#{new_id('audit')}")
        item: Item = {**key.attributes(), "operator": operator, "action": what, "created_at": at}
        await self._dynamodb.put(item if user_id is None else {**item, "user_id": user_id})


def _place(cursor: str, prefix: str) -> tuple[str, str]:
    """Return the day and the sort key that a cursor of list_marks names."""
    # Of this century: whatever else it begins with, it is no cursor of a list by days.
    day, _, sort_key = sort_key_of(cursor, "20").partition("#")
    sort_key_of(cursor_after(sort_key), prefix)
    try:
        date.fromisoformat(day)
    except ValueError as error:
        raise InvalidCursor(day[:20]) from error
    return day, sort_key


def _mark_key(mark: ReviewMark) -> Key:
    shard = zlib.crc32(mark.chat_id.encode()) % _SHARDS
    about = "#".join(part for part in (mark.message_id, mark.rater) if part)
    sort = f"{_PREFIXES[mark.kind]}{escape_key_part(mark.chat_id)}"
    return Key(f"REVIEW#{mark.day}#{shard}", f"{sort}#{about}" if about else sort)


def _mark_item(mark: ReviewMark) -> Item:
    return {
        **_mark_key(mark).attributes(),
        "day": mark.day,
        "chat_id": mark.chat_id,
        "user_id": mark.user_id,
        "message_id": mark.message_id,
        "rater": mark.rater,
        "expires_at": _expiry(),
    }


def _to_mark(kind: MarkKind, item: Item) -> ReviewMark:
    return ReviewMark(
        kind=kind,
        day=str(item["day"]),
        chat_id=str(item["chat_id"]),
        user_id=str(item["user_id"]),
        message_id=str(item["message_id"]),
        rater=str(item["rater"]),
    )


def _case_key(case: EvalCase) -> Key:
    return Key(_CASES, f"{_CASE}{escape_key_part(case.message_id)}")


def _to_case(item: Item) -> EvalCase:
    return EvalCase(
        chat_id=str(item["chat_id"]),
        message_id=str(item["message_id"]),
        user_id=str(item["user_id"]),
        line=str(item["line"]),
        collected_at=str(item["created_at"]),
    )


def _position(item: Item) -> str:
    return str(item["sort_key"])


def _expiry() -> int:
    return int(time.time()) + _RETENTION_SECONDS
