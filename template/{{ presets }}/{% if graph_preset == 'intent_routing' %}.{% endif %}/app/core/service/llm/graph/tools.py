"""What the conversation looks up: sample data here, your systems behind the same interfaces."""

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

_SAMPLE = Path(__file__).parent / "data" / "sample.json"
_BEST = 3
_MIN_LETTERS = 3

Entry = TypeVar("Entry")


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
        self._entries = [FaqEntry(**entry) for entry in _sample()["faq"]]

    async def search(self, topic: str) -> Sequence[FaqEntry]:
        return _best(self._entries, topic, lambda entry: f"{entry.question} {entry.answer}")


class SampleCatalogue(Catalogue):
    """The products of data/sample.json."""

    def __init__(self) -> None:
        self._products = [Product(**product) for product in _sample()["products"]]

    async def search(self, topic: str) -> Sequence[Product]:
        return _best(self._products, topic, lambda product: f"{product.name} {product.description}")


def _sample() -> Any:
    return json.loads(_SAMPLE.read_text("utf-8"))


def _best(entries: Sequence[Entry], topic: str, text_of: Callable[[Entry], str]) -> list[Entry]:
    """Return the entries that share words with the topic; a word that few entries have counts more."""
    texts = [_words(text_of(entry)) for entry in entries]
    entries_with = Counter(word for words in texts for word in words)
    scores = [sum(1 / entries_with[word] for word in _words(topic) & words) for words in texts]
    best = sorted(range(len(entries)), key=lambda number: -scores[number])[:_BEST]
    return [entries[number] for number in best if scores[number]]


def _words(text: str) -> set[str]:
    """Return the words without accents, cut to their stems' length so that plurals fit too."""
    plain = unicodedata.normalize("NFKD", text.lower()).encode("ascii", "ignore").decode()
    return {word[:5] for word in re.findall(r"[a-z0-9]+", plain) if len(word) >= _MIN_LETTERS}
