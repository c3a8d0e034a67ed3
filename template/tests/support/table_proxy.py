"""Stands between the bot and DynamoDB: counts what is asked, and can be away."""

import json
from collections import Counter
from enum import Enum, auto
from typing import Any

import httpx

from tests.support.wire_server import Exchange, WireRequest, WireServer

_PASSED_ON = ("content-type", "x-amz-crc32", "x-amzn-requestid")


class Mood(Enum):
    """What becomes of the requests."""

    SERVING = auto()
    AWAY = auto()
    """Every connection is dropped."""
    THROTTLING = auto()
    """Every request is refused as one too many."""


class TableProxy(WireServer):
    """Forwards requests to a DynamoDB, each one after `throttles_each` refusals.

    Of the next `half_done_batches` batches it forwards the first write alone, as DynamoDB may.
    """

    def __init__(self, endpoint: str) -> None:
        self._endpoint = endpoint
        self._http: httpx.AsyncClient | None = None
        self.mood = Mood.SERVING
        self.throttles_each = 0
        self.half_done_batches = 0
        self._refused: Counter[bytes] = Counter()
        super().__init__()

    def operations(self) -> Counter[str]:
        """Return how often each operation was asked for."""
        return Counter(r.headers["x-amz-target"].partition(".")[2] for r in self.requests)

    def write_units(self) -> int:
        """Return what the writes cost, where those of UpdateItem change items under 1 KB."""
        units = 0
        for request in self.requests:
            body = json.loads(request.body)
            match request.headers["x-amz-target"].partition(".")[2]:
                case "PutItem":
                    units += _units(body["Item"])
                case "BatchWriteItem":
                    ((_, writes),) = body["RequestItems"].items()
                    units += sum(_units(write["PutRequest"]["Item"]) for write in writes)
                case "UpdateItem":
                    units += 1
        return units

    async def answer(self, request: WireRequest, exchange: Exchange) -> None:
        match self.mood:
            case Mood.AWAY:
                exchange.cut()
            case Mood.SERVING if self.half_done_batches and _is_batch(request):
                self.half_done_batches -= 1
                await self._forward_first(request, exchange)
            case Mood.SERVING if self._refused[request.body] >= self.throttles_each:
                await self._forward(request, exchange)
            case _:
                self._refused[request.body] += 1
                kind = "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException"
                await exchange.respond_json(400, {"__type": kind, "message": "Too many."})

    async def _forward_first(self, request: WireRequest, exchange: Exchange) -> None:
        ((table, writes),) = json.loads(request.body)["RequestItems"].items()
        response = await self._forwarded(request, json.dumps({"RequestItems": {table: writes[:1]}}))
        assert response.status_code == 200, response.text
        left = {table: writes[1:]} if writes[1:] else {}
        await exchange.respond_json(200, {"UnprocessedItems": left})

    async def _forward(self, request: WireRequest, exchange: Exchange) -> None:
        response = await self._forwarded(request, request.body)
        passed_on = {n: v for n, v in response.headers.items() if n in _PASSED_ON}
        await exchange.respond(response.status_code, response.content, passed_on)

    async def _forwarded(self, request: WireRequest, body: str | bytes) -> httpx.Response:
        self._http = self._http or httpx.AsyncClient(timeout=10)
        headers = {n: v for n, v in request.headers.items() if n not in ("host", "content-length")}
        return await self._http.post(self._endpoint, content=body, headers=headers)


def _is_batch(request: WireRequest) -> bool:
    return request.headers["x-amz-target"].endswith(".BatchWriteItem")


def _units(item: dict[str, dict[str, Any]]) -> int:
    """Return the write units of an item: one for each KB of its names and values, begun or whole."""
    size = sum(len(n.encode()) + len(str(v).encode()) for n, a in item.items() for v in a.values())
    return -(-size // 1024)
