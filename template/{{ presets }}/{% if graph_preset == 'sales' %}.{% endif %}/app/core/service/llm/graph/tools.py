"""What the conversation looks up: sample data here, your systems behind the same interface."""

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

_SAMPLE = Path(__file__).parent / "data" / "sample.json"
_BEST = 2
_MIN_LETTERS = 3


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
        self._products = [product for product in products if product.stock]
        self._words = [_words(f"{p.name} {p.description}") for p in self._products]
        self._products_with = Counter(word for words in self._words for word in words)

    async def search(self, need: str) -> Sequence[Product]:
        asked = _words(need)
        # A word that few products have tells more.
        scores = [
            sum(1 / self._products_with[word] for word in asked & words) for words in self._words
        ]
        best = sorted(range(len(scores)), key=lambda number: -scores[number])[:_BEST]
        return [self._products[number] for number in best if scores[number]]


def _words(text: str) -> set[str]:
    """Return the words without accents, cut to their stems' length so that plurals fit too."""
    plain = unicodedata.normalize("NFKD", text.lower()).encode("ascii", "ignore").decode()
    return {word[:5] for word in re.findall(r"[a-z0-9]+", plain) if len(word) >= _MIN_LETTERS}
