"""What the conversation looks up: sample data here, your systems behind the same interface."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from app.core.service.llm.sample_search import SampleSearch
from app.core.service.llm.tool_calls import reported

_SAMPLE = Path(__file__).parent / "data" / "sample.json"
_BEST = 2


@dataclass(frozen=True, slots=True)
class Product:
    """Something the shop sells; the price as people read it, and where to buy it."""

    name: str
    description: str
    price: str
    stock: int
    url: str


class LookupFailed(Exception):
    """A system that is asked does not answer; the conversation goes on without it."""


class Catalogue(Protocol):
    """Where products come from: a shop system, a stock service."""

    async def search(self, need: str) -> Sequence[Product]:
        """Return the products in stock that fit the need best, the best first.

        Raises:
            LookupFailed: it cannot be asked now.
        """
        ...


class SampleCatalogue(Catalogue):
    """The products of data/sample.json."""

    def __init__(self) -> None:
        sample = json.loads(_SAMPLE.read_text("utf-8"))
        products = [Product(**product) for product in sample["products"]]
        self._search = SampleSearch(
            [product for product in products if product.stock],
            lambda product: f"{product.name} {product.description}",
        )

    @reported
    async def search(self, need: str) -> Sequence[Product]:
        return self._search.best(need, _BEST)
