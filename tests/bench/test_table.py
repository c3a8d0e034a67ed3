"""What a turn asks of the table, at its first turn and at its hundredth."""

import json
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from tests.support.bedrock_fake import BedrockFake, Reply
from tests.support.chat_socket import chat_socket
from tests.support.table_proxy import TableProxy
from tests.support.wire_server import Exchange, WireRequest

from tests.bench.conftest import Note, within
from tests.conftest import StartBot
from tests.fire.chats import OPEN

# The longest chat is measured in --short as well: it takes two seconds.
_TURNS = (1, 100)
_READS = {"GetItem", "Query"}
_WRITES = {"PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"}
# DESIGN: one read, at most three write requests and five units, for items under 1 KB. The floor is
# arithmetic: question, answer and chat are three items, of which the question goes first.
_BUDGETS = (("reads", 1.0, 0.0), ("write requests", 3.0, 2.0), ("write units", 5.0, 3.0))


class CountingTable(TableProxy):
    """Counts what is asked of the table, and what DynamoDB would charge for it."""

    def forget(self) -> None:
        self.counts = dict.fromkeys(("reads", "write requests", "write units"), 0.0)

    async def answer(self, request: WireRequest, exchange: Exchange) -> None:
        operation = request.headers["x-amz-target"].partition(".")[2]
        if operation not in _READS | _WRITES:
            await super().answer(request, exchange)
            return
        asked = {**json.loads(request.body), "ReturnConsumedCapacity": "TOTAL"}
        response = await self._forwarded(request, json.dumps(asked))
        if operation in _READS:
            self.counts["reads"] += 1
        else:
            self.counts["write requests"] += 1
            self.counts["write units"] += _units(response.json()["ConsumedCapacity"])
        passed_on = {"content-type": response.headers["content-type"]}
        await exchange.respond(response.status_code, response.content, passed_on)


def _units(consumed: Any) -> float:
    """Return the units of an answer, which names each table of a batch."""
    each = consumed if isinstance(consumed, list) else [consumed]
    return sum(float(of_table["CapacityUnits"]) for of_table in each)


@pytest.fixture
def counting_table(dynamodb_endpoint: str) -> Iterator[CountingTable]:
    with closing(CountingTable(dynamodb_endpoint)) as table:
        table.forget()
        yield table


@within(120)
async def test_requests_and_units_of_a_turn(
    start_bot: StartBot, bedrock: BedrockFake, counting_table: CountingTable, figure: Note
) -> None:
    bedrock.always(Reply())
    bot = await start_bot(
        LLM_PROVIDER="bedrock",
        AWS_ENDPOINT_URL_BEDROCK_RUNTIME=bedrock.url,
        AWS_ENDPOINT_URL_DYNAMODB=counting_table.url,
        **OPEN,
    )
    async with chat_socket(bot) as socket:
        chat: dict[str, str] = {}
        for turn in range(1, max(_TURNS) + 1):
            counting_table.forget()
            events = await socket.ask("eva", "Hello!", **chat)
            assert events[-1]["type"] == "end", events
            chat = {"chat_id": events[-1]["chat_id"]}
            if turn in _TURNS:
                for name, budget, floor in _BUDGETS:
                    count = counting_table.counts[name]
                    figure(f"{name} of turn {turn}", "", count, floor=floor, target=budget)
