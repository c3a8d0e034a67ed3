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
class Product:
    """Something the shop sells; the price as people read it."""

    name: str
    description: str
    price: str
    stock: int


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


class Catalogue(Protocol):
    """Where products come from: a shop system, a stock service."""

    async def search(self, topic: str) -> Sequence[Product]:
        """Return the products that fit the topic best, the best first.

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


class SampleCatalogue(Catalogue):
    """The products of data/sample.json."""

    def __init__(self) -> None:
        products = [Product(**product) for product in _sample()["products"]]
        self._search = SampleSearch(
            products, lambda product: f"{product.name} {product.description}"
        )

    @reported
    async def search(self, topic: str) -> Sequence[Product]:
        return self._search.best(topic, _BEST)


def _sample() -> Any:
    return json.loads(_SAMPLE.read_text("utf-8"))
