"""What the conversation looks up: sample data here, your systems behind the same interfaces."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from app.core.service.llm.sample_search import SampleSearch
from app.core.service.llm.tool_calls import reported

_SAMPLE = Path(__file__).parent / "data" / "sample.json"
_BEST = 3


@dataclass(frozen=True, slots=True)
class FaqEntry:
    """A question that is asked often, and its answer."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Order:
    """An order with its status and delivery date, as people read them.

    `customer` is the user whose order it is; a sample order without one is shown to everybody.
    """

    number: str
    customer: str | None
    items: str
    status: str
    delivery: str


class LookupFailed(Exception):
    """A system that is asked does not answer; the conversation goes on without it."""


class Faq(Protocol):
    """Where answers come from: a help centre, a search index."""

    async def search(self, topic: str) -> Sequence[FaqEntry]:
        """Return the entries that fit the topic best, the best first.

        Raises:
            LookupFailed: it cannot be asked now.
        """
        ...


class Orders(Protocol):
    """Where orders come from: a shop system, a carrier's tracking."""

    async def find(self, user_id: str, number: str) -> Order | None:
        """Return the user's order with this number, None if they have no such order.

        Raises:
            LookupFailed: it cannot be asked now.
        """
        ...


class SampleFaq(Faq):
    """The entries of data/sample.json."""

    def __init__(self) -> None:
        entries = [FaqEntry(**entry) for entry in _sample()["faq"]]
        self._search = SampleSearch(entries, lambda entry: f"{entry.question} {entry.answer}")

    @reported
    async def search(self, topic: str) -> Sequence[FaqEntry]:
        return self._search.best(topic, _BEST)


class SampleOrders(Orders):
    """The orders of data/sample.json."""

    def __init__(self) -> None:
        orders = [Order(**order) for order in _sample()["orders"]]
        self._orders = {order.number: order for order in orders}

    @reported
    async def find(self, user_id: str, number: str) -> Order | None:
        order = self._orders.get(number)
        return order if order is not None and order.customer in (None, user_id) else None


def _sample() -> Any:
    return json.loads(_SAMPLE.read_text("utf-8"))
