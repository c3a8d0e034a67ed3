"""Text as a person sees it: whole characters, and no halves of them."""

import regex

_GRAPHEMES = regex.compile(r"\X")
# Below it every character stands for itself (UAX 29; lines have been joined).
_FIRST_COMBINING = "\N{COMBINING GRAVE ACCENT}"


def well_formed(text: str) -> str:
    """Return the text with surrogate pairs joined, and U+FFFD where half of one stands alone.

    JSON can carry halves (RFC 8259 section 8.2); UTF-8 cannot.
    """
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def cut(text: str, graphemes: int) -> str:
    """Return the text on one line, cut to at most this many user-perceived characters."""
    one_line = " ".join(text.split())
    if len(one_line) <= graphemes:
        return one_line
    beginning = one_line[: graphemes + 1]
    # Most texts are like this, and looking for graphemes takes six times as long.
    if max(beginning) < _FIRST_COMBINING:
        return f"{beginning[: graphemes - 1].rstrip()}…"
    # A match of `graphemes + 1` tells whether anything is left without reading all of a long text.
    found: list[str] = []
    for match in _GRAPHEMES.finditer(one_line):
        found.append(match.group())
        if len(found) > graphemes:
            return "".join(found[: graphemes - 1]).rstrip() + "…"
    return one_line
