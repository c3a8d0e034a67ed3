"""A search good enough for sample data: by the words that an entry and a question share."""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

# Words are compared without accents, and by their beginnings, so that plurals fit too.
_LETTERS = slice(5)
_WORD = re.compile(r"[a-z0-9]{3,}")

Entry = TypeVar("Entry")


class SampleSearch(Generic[Entry]):
    """Finds entries; a word that few of them have tells more than one that many have."""

    def __init__(self, entries: Sequence[Entry], text_of: Callable[[Entry], str]) -> None:
        self._entries = entries
        self._words = [_words(text_of(entry)) for entry in entries]
        self._entries_with = Counter(word for words in self._words for word in words)

    def best(self, question: str, limit: int) -> list[Entry]:
        """Return the entries that share words with the question, the best first."""
        asked = _words(question)
        scores = [sum(1 / self._entries_with[w] for w in asked & words) for words in self._words]
        best = sorted(range(len(scores)), key=lambda number: -scores[number])[:limit]
        return [self._entries[number] for number in best if scores[number]]


def _words(text: str) -> set[str]:
    plain = unicodedata.normalize("NFKD", text.lower()).encode("ascii", "ignore").decode()
    return {word[_LETTERS] for word in _WORD.findall(plain)}
