"""The shell commands that a page tells people to type."""

import re
import shlex
from collections.abc import Iterator

# What begins a command within a sentence.
PROGRAMS = (
    "aws",
    "copier",
    "cp",
    "curl",
    "docker",
    "gh",
    "git",
    "llama-server",
    "node",
    "nox",
    "npx",
    "ollama",
    "pip",
    "python",
    "source",
    "uv",
    "uvx",
)
# Their names alone are what is spoken of.
_MORE_THAN_A_NAME = frozenset(PROGRAMS) - {"nox"}
_SHELLS = ("bash", "sh", "shell", "powershell", "console")
_BLOCK = re.compile(
    r"^(?P<indent> *)```(?P<language>\w+)[^\n]*\n(?P<text>.*?)^(?P=indent)```$",
    re.MULTILINE | re.DOTALL,
)
_CODE = re.compile(r"(?<!`)`([^`\n]+(?:\n[^`\n]+)?)`(?!`)")


def commands(page: str) -> Iterator[str]:
    """Yield each command as a line: those of the blocks, then those within the sentences."""
    for block in _BLOCK.finditer(page):
        if block["language"] in _SHELLS:
            yield from _of_block(block["language"], block["text"])
    for code in _CODE.findall(_BLOCK.sub("", page)):
        command = " ".join(code.split())
        if _is_command(command):
            yield command


def _of_block(language: str, text: str) -> Iterator[str]:
    joined = re.sub(r"\s*\\\n\s*", " ", text)
    lines = [line.strip() for line in joined.splitlines()]
    shown = [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]
    if language == "console" and shown:
        # What the others are is what the command answers.
        yield from shown
        return
    yield from _whole(line for line in lines if line and not line.startswith("#"))


def _whole(lines: Iterator[str]) -> Iterator[str]:
    """Yield commands without their comments, each with the lines that its quotes span."""
    command = ""
    for line in lines:
        command = f"{command} {line}".strip()
        try:
            shlex.split(command)
        except ValueError:
            continue
        yield re.sub(r"\s+# .*$", "", command)
        command = ""


def _is_command(code: str) -> bool:
    first, _, rest = code.partition(" ")
    if first.startswith("./") and first.endswith(".sh"):
        return True
    return first in PROGRAMS and (bool(rest) or first not in _MORE_THAN_A_NAME)
