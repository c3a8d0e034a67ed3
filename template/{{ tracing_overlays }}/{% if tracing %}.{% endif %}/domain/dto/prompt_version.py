"""A prompt as it is managed outside the bot's code."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

# Source: Langfuse documentation, "Prompt management", "Variables".
_PLACEHOLDER = re.compile(r"\{\{\s*(\w+)\s*\}\}")


@dataclass(frozen=True, slots=True)
class PromptVersion:
    """One version of a prompt; its placeholders are written `{{name}}`."""

    name: str
    version: int
    text: str

    @property
    def placeholders(self) -> frozenset[str]:
        """The names that `fill` needs."""
        return frozenset(_PLACEHOLDER.findall(self.text))

    def fill(self, values: Mapping[str, str]) -> str:
        """Return the text with these values, in which nothing is a placeholder any more."""
        return _PLACEHOLDER.sub(lambda found: values[found[1]], self.text)
