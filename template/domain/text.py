"""Cutting text where a person would see a character, not where a code point ends."""

import regex

_GRAPHEMES = regex.compile(r"\X")


def cut(text: str, graphemes: int) -> str:
    """Return the text on one line, cut to at most this many user-perceived characters."""
    one_line = " ".join(text.split())
    if len(one_line) <= graphemes:
        return one_line
    # A match of `graphemes + 1` tells whether anything is left without reading all of a long text.
    found: list[str] = []
    for match in _GRAPHEMES.finditer(one_line):
        found.append(match.group())
        if len(found) > graphemes:
            return "".join(found[: graphemes - 1]).rstrip() + "…"
    return one_line
