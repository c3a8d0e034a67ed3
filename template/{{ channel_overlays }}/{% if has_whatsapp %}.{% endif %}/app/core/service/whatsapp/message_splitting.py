"""Splitting a long reply into messages that WhatsApp accepts, where a reader would pause."""

from bisect import bisect_right

import regex

# Meta's limit for the body of a text message.
MAX_CHARACTERS = 4096

_GRAPHEME = regex.compile(r"\X")
# Where to break, best first; a break is after the match, so that no character is lost.
_BREAKS = (
    regex.compile(r"\n[^\S\n]*\n\s*"),
    regex.compile(r"\n\s*"),
    regex.compile(r"[.!?…。！？][\"'”’)\]]*\s+"),
    regex.compile(r"\s+"),
)


def split_message(text: str, limit: int = MAX_CHARACTERS) -> list[str]:
    """Return the text in parts of at most `limit` characters (code points).

    The parts concatenate to the text, but for parts of nothing but blanks, which cannot be sent. A
    part ends after a paragraph, else a line, a sentence, a word; a user-perceived character is
    never cut unless it alone is longer than the limit.
    """
    parts: list[str] = []
    start = 0
    while len(text) - start > limit:
        end = _end_of_part(text, start, limit)
        parts.append(text[start:end])
        start = end
    parts.append(text[start:])
    return [part for part in parts if part.strip()]


def _end_of_part(text: str, start: int, limit: int) -> int:
    boundaries = _grapheme_ends(text, start, start + limit)
    if not boundaries:
        return start + limit
    last = boundaries[-1]
    # A break in the first half would leave a stub of a message: a lesser break near the end is better.
    for earliest in (start + limit // 2, start + 1):
        for pattern in _BREAKS:
            if end := _last_break(pattern, text, start, last, boundaries, earliest):
                return end
    return last


def _last_break(
    pattern: "regex.Pattern[str]",
    text: str,
    start: int,
    last: int,
    boundaries: list[int],
    earliest: int,
) -> int | None:
    ends = (match.end() for match in pattern.finditer(text, start, last))
    fitting = [
        end
        for end in ends
        if end >= earliest and boundaries[bisect_right(boundaries, end) - 1] == end
    ]
    return fitting[-1] if fitting else None


def _grapheme_ends(text: str, start: int, stop: int) -> list[int]:
    """Return where the user-perceived characters between the positions end, in order."""
    ends: list[int] = []
    for match in _GRAPHEME.finditer(text, start):
        if match.end() > stop:
            break
        ends.append(match.end())
    return ends
