"""Whether a text says something, whatever its case, accents, spaces and emphasis."""

import re
import unicodedata
from collections.abc import Iterable

# Emphasis goes; the apostrophe is that of the keyboard.
_PLAIN = str.maketrans("’", "'", "*`")


def mentions(text: str, words: Iterable[str]) -> bool:
    """Tell whether one of the words is in the text, from the beginning of a word or number on.

    "deliver" is in "Delivered" and "8" is in "8.00", but neither in "18" nor in "8.50".
    """
    plain_text = _plain(text)
    return any(_pattern(_plain(word)).search(plain_text) for word in words)


def _pattern(word: str) -> re.Pattern[str]:
    whole_number = r"(?:[.,]00)?(?![.,]?\d)" if word[-1:].isdigit() else ""
    return re.compile(rf"(?<!\w)(?<!\d[.,]){re.escape(word)}{whole_number}")


def _plain(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text.translate(_PLAIN).casefold())
    return " ".join("".join(c for c in letters if not unicodedata.combining(c)).split())
