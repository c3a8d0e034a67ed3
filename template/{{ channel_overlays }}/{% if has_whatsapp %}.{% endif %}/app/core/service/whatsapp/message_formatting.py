"""A model's Markdown as WhatsApp shows it: *bold*, _italic_, ~struck~, `code`, lists and quotes.

The marks are those of WhatsApp's help page "How to format your messages". A table becomes a line for
each of its rows. What WhatsApp has no mark for, such as bold inside a word, stays as the model wrote it.
"""

import re
from collections.abc import Iterator

from app.core.service.whatsapp.message_splitting import MAX_CHARACTERS, split_message

_CODE = "```"
_FENCE = re.compile(r"\s*(`{3,}|~{3,})\s*(?:[a-zA-Z][\w+#.-]*)?\s*")
_HEADING = re.compile(r" {0,3}#{1,6} +(\S.*?)(?: +#+)? *")
_BOLD = re.compile(r"(?<![\w*])\*(?=\S)([^*\n]{0,500}?\S)\*(?![\w*])")
_TABLE_ROW = re.compile(r"\s*\|.*\|\s*")
_TABLE_RULE = re.compile(r"\s*\|(?:\s*:?-+:?\s*\|)+\s*")
_BETWEEN_CELLS = " · "
_BULLET = re.compile(r"^(\s*(?:> ?)*)[*+] +(?=\S)")
# Marks around marks: deeper ones stay as they are.
_DEEPEST = 4

# Bounded repeats keep the cost linear in the text, whatever it holds.
_INLINE = re.compile(
    r"""
      `[^`\n]{1,1000}`
    | https?://[^\s<>*]{1,2000}
    | !?\[(?P<label>[^\[\]\n]{1,500})\]
      \((?P<address>(?:[^\s()<>]|\([^\s()<>]{0,500}\)){1,2000})\)
    | (?<![\w*])\*\*\*(?=\S)(?P<both>[^\n]{0,500}?\S)\*\*\*(?![\w*])
    | (?<![\w*])\*\*(?=\S)(?P<bold>[^\n]{0,500}?\S)\*\*(?![\w*])
    | (?<![\w*])\*\*(?=\S)(?P<label_of>[^*\n]{0,500}?[^\w\s*])\*\*(?=\w)
    | (?<![\w.])__(?=\S)(?P<strong>[^\n]{0,500}?[^\s_])__(?![\w(]|\.\w)
    | (?<![\w*])\*(?=[^\s*])(?P<italic>[^*\n]{0,500}?[^\s*])\*(?![\w*])
    | (?<!\w)~~(?=\S)(?P<struck>[^\n]{0,500}?\S)~~(?!\w)
    """,
    re.VERBOSE,
)
_MARKS = {
    "both": ("*_", "_*"),
    "bold": ("*", "*"),
    "strong": ("*", "*"),
    # WhatsApp shows a mark only where a word ends.
    "label_of": ("*", "* "),
    "italic": ("_", "_"),
    "struck": ("~", "~"),
}


def whatsapp_messages(markdown: str) -> list[str]:
    """Return the text as messages that WhatsApp accepts, in its formatting.

    Code that goes on in the next message is closed in the one and opened in the other. Any other
    pair of marks that a message's end falls into, which takes a line of thousands of characters, is
    shown as typed.
    """
    text = to_whatsapp(markdown)
    limit = MAX_CHARACTERS - 2 * len(_CODE) if _CODE in text else MAX_CHARACTERS
    messages: list[str] = []
    is_open = False
    for part in split_message(text, limit):
        opening = _CODE if is_open else ""
        is_open ^= part.count(_CODE) % 2 == 1
        messages.append(opening + part + (_CODE if is_open else ""))
    return messages


def to_whatsapp(markdown: str) -> str:
    """Return the text with WhatsApp's marks instead of Markdown's; plain text stays as it is."""
    lines: list[str] = []
    text: list[str] = []
    code: list[str] | None = None
    fence = ""
    for line in markdown.split("\n"):
        opening = _FENCE.fullmatch(line)
        if code is None and opening:
            lines += _text_lines(text)
            text, code, fence = [], [], opening[1]
        elif code is None:
            text.append(line)
        elif line.strip().startswith(fence) and not line.strip().strip(fence[0]):
            lines.append(_block(code))
            code = None
        else:
            code.append(line)
    if code is not None:
        lines.append(_block(code))
    return "\n".join([*lines, *_text_lines(text)])


def _text_lines(lines: list[str]) -> Iterator[str]:
    is_table = False
    for number, line in enumerate(lines):
        is_row = _TABLE_ROW.fullmatch(line) is not None
        is_head = (
            is_row and number + 1 < len(lines) and bool(_TABLE_RULE.fullmatch(lines[number + 1]))
        )
        if is_head:
            yield _bold_line(_cells(line))
        elif is_table and is_row:
            if not _TABLE_RULE.fullmatch(line):
                yield f"- {_inline(_cells(line))}"
        else:
            yield _line(line)
        is_table = is_head or (is_table and is_row)


def _cells(row: str) -> str:
    cells = [cell.strip() for cell in row.strip().strip("|").split("|")]
    return _BETWEEN_CELLS.join(cell for cell in cells if cell)


def _bold_line(line: str) -> str:
    title = _BOLD.sub(r"\1", _inline(line))
    return f"*{title}*" if title else ""


def _block(code: list[str]) -> str:
    text = "\n".join(code)
    return f"{_CODE}{text}{_CODE}" if text.strip() else text


def _line(line: str) -> str:
    if heading := _HEADING.fullmatch(line):
        return _bold_line(heading[1])
    return _inline(_BULLET.sub(r"\1- ", line))


def _inline(text: str, depth: int = 0) -> str:
    if depth > _DEEPEST:
        return text
    return _INLINE.sub(lambda match: _converted(match, depth), text)


def _converted(match: re.Match[str], depth: int) -> str:
    kind = match.lastgroup
    if kind is None:
        return match[0]
    if kind == "address":
        label, address = match["label"], match["address"]
        return address if label == address else f"{_inline(label, depth + 1)} ({address})"
    before, after = _MARKS[kind]
    return f"{before}{_inline(match[kind], depth + 1)}{after}"
