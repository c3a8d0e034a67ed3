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
_BEST = 3
_MIN_LETTERS = 3


@dataclass(frozen=True, slots=True)
class Cause:
    """A possible cause: what it shows itself by, how to test it, and what helps."""

    name: str
    symptoms: str
    test: str
    fix: str


class LookupFailed(Exception):
    """A system that is asked does not answer; the conversation goes on without it."""


class KnowledgeBase(Protocol):
    """Where causes come from: a support handbook, a search index."""

    async def causes(self, case: str) -> Sequence[Cause]:
        """Return the causes that fit the described case best, the likeliest first.

        Raises:
            LookupFailed: it cannot be asked now.
        """
        ...


class SampleKnowledgeBase(KnowledgeBase):
    """The causes of data/sample.json."""

    def __init__(self) -> None:
        sample = json.loads(_SAMPLE.read_text("utf-8"))
        self._causes = [Cause(**cause) for cause in sample["causes"]]
        self._words = [_words(f"{cause.name} {cause.symptoms}") for cause in self._causes]
        self._causes_with = Counter(word for words in self._words for word in words)

    async def causes(self, case: str) -> Sequence[Cause]:
        told = _words(case)
        # A word that few causes have tells more.
        scores = [
            sum(1 / self._causes_with[word] for word in told & words) for words in self._words
        ]
        likeliest = sorted(range(len(scores)), key=lambda number: -scores[number])[:_BEST]
        return [self._causes[number] for number in likeliest if scores[number]]


def _words(text: str) -> set[str]:
    """Return the words without accents, cut to their stems' length so that plurals fit too."""
    plain = unicodedata.normalize("NFKD", text.lower()).encode("ascii", "ignore").decode()
    return {word[:5] for word in re.findall(r"[a-z0-9]+", plain) if len(word) >= _MIN_LETTERS}
