"""The prompts of prompts.py: which of them can be managed elsewhere, and how they read there."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from string import Formatter

# What instructs the model. The other constants are sentences and formats that belong to the code.
_MANAGED = re.compile(r"[A-Z][A-Z0-9_]*_(PROMPT|TASK)")


@dataclass(frozen=True, slots=True)
class FilePrompt:
    """A constant of prompts.py; `placeholders` are the names that `text.format(…)` fills in."""

    name: str
    text: str
    placeholders: frozenset[str]

    @property
    def managed_text(self) -> str:
        """The text as Langfuse writes it: with two braces around a placeholder, one elsewhere."""
        if not self.placeholders:
            return self.text
        parts = Formatter().parse(self.text)
        return "".join(
            literal + (f"{{{{{name}}}}}" if name else "") for literal, name, _, _ in parts
        )

    def pattern(self) -> re.Pattern[str]:
        """Match the text once it is filled in; the groups are the placeholders."""
        pieces: list[str] = []
        seen: set[str] = set()
        for literal, name, _, _ in Formatter().parse(self.text):
            pieces.append(re.escape(literal))
            if name:
                pieces.append(f"(?P={name})" if name in seen else f"(?P<{name}>.*?)")
                seen.add(name)
        return re.compile("".join(pieces), re.DOTALL)


def file_prompts(constants: Mapping[str, object]) -> list[FilePrompt]:
    """Return the prompts among a module's constants: strings named `…_PROMPT` or `…_TASK`."""
    return [
        FilePrompt(name, value, _placeholders(value))
        for name, value in constants.items()
        if isinstance(value, str) and _MANAGED.fullmatch(name)
    ]


def _placeholders(text: str) -> frozenset[str]:
    """Return the placeholders; none of a text with braces that are something else, such as JSON."""
    try:
        fields = [part[1:] for part in Formatter().parse(text) if part[1] is not None]
    except ValueError:
        return frozenset()
    if any(not name or not name.isidentifier() or spec or change for name, spec, change in fields):
        return frozenset()
    return frozenset(str(name) for name, _, _ in fields)
