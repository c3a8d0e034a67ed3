"""A search good enough for sample data: by the words that an entry and a question share."""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Container, Sequence
from typing import Generic, TypeVar

from app.core.service.llm.sample_words import NOISE

# Words are compared without accents, and by their beginnings, so that plurals fit too.
_LETTERS = slice(5)
_WORD = re.compile(r"[a-z0-9]{3,}")
_NOISE = frozenset(NOISE.split())
# Of the best entry's score: what fits less shares a word by chance.
_FITS = 0.3

Entry = TypeVar("Entry")


class SampleSearch(Generic[Entry]):
    """Finds entries; a word that few of them have tells more than one that many have."""

    def __init__(self, entries: Sequence[Entry], text_of: Callable[[Entry], str]) -> None:
        self._entries = entries
        self._words = [_words(text_of(entry)) for entry in entries]
        self._entries_with = Counter(word for words in self._words for word in words)

    def best(self, question: str, limit: int) -> list[Entry]:
        """Return the entries that fit the question not much worse than the best one does.

        The best one comes first.
        """
        asked = set(_words(question))
        scores = [self._score(asked, words) for words in self._words]
        best = sorted(range(len(scores)), key=scores.__getitem__, reverse=True)[:limit]
        enough = scores[best[0]][0] * _FITS if best else 0
        return [self._entries[n] for n in best if scores[n][0] and scores[n][0] >= enough]

    def _score(self, asked: Container[str], words: Sequence[str]) -> tuple[float, int]:
        """Return how well the words fit, and then how near to their beginning, which is a name."""
        shared = [word for word in words if word in asked]
        nearest = words.index(shared[0]) if shared else 0
        return sum(1 / self._entries_with[word] for word in shared), -nearest


def _words(text: str) -> list[str]:
    """Return each word that tells something once, in their order."""
    plain = unicodedata.normalize("NFKD", text.lower()).encode("ascii", "ignore").decode()
    telling = (word[_LETTERS] for word in _WORD.findall(plain) if word not in _NOISE)
    return list(dict.fromkeys(telling))
