"""Recipes: what a page tells owners to change, taken from its Markdown and done as it says.

A recipe begins with the comment `<!-- recipe: NAME -->`, and its blocks tell by their title which file they are for:

- Python that begins with a docstring, or is for a file that is not there: the whole file.
- Other Python: each definition takes the place of the one of its name, or goes to the end; imports go to the others.
  An indented block is for the class of the file.
- A diff: its lines with a minus become those with a plus, at the one place where they stand.
- `.env`: each variable takes the place of the one of its name.
- Any other file: the lines go to the end.
- A block of shell commands without a title: they are run.
"""

import ast
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SHELLS = frozenset({"bash", "console"})
_MARK = re.compile(r"^<!-- recipe: ([a-z-]+) -->$", re.MULTILINE)
_BLOCK = re.compile(
    r"^(?P<indent> *)```(?P<language>\w+)(?: title=\"(?P<file>[^\"]+)\")?\n(?P<text>.*?)^(?P=indent)```$",
    re.MULTILINE | re.DOTALL,
)


class DoesNotApply(Exception):
    """The bot has no place for a block; the message says what is missing where."""


@dataclass(frozen=True, slots=True)
class Block:
    """A block of a page: in which language, for which file (none for commands), and its text."""

    language: str
    file: str | None
    text: str

    def apply(self, bot: Path) -> None:
        """Do to the bot what the block says.

        Raises:
            DoesNotApply: the bot has no place for it.
        """
        assert self.file is not None
        path = bot / self.file
        before = path.read_text("utf-8") if path.exists() else None
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self._changed(before), "utf-8", newline="\n")

    def _changed(self, before: str | None) -> str:
        if self.language == "diff":
            return _patched(before or "", self.text, str(self.file))
        if before is None or (self.language == "python" and self.text.startswith('"""')):
            return self.text
        if self.language == "python":
            return merged(before, self.text)
        if self.file == ".env":
            return _with_variables(before, self.text)
        return before + self.text


@dataclass(frozen=True, slots=True)
class Recipe:
    """A change that owners make: its blocks, from top to bottom."""

    name: str
    blocks: tuple[Block, ...]

    @property
    def commands(self) -> list[str]:
        """The shell commands, a line each."""
        shells = (block.text for block in self.blocks if block.file is None)
        return [line for text in shells for line in text.splitlines()]

    def apply(self, bot: Path) -> None:
        """Change the files of the bot; what the recipe has run is `commands`."""
        for block in self.blocks:
            if block.file is not None:
                block.apply(bot)


def recipes(page: str) -> dict[str, Recipe]:
    """Return the recipes of a page by their names, in its order."""
    _, *parts = _MARK.split(page)
    return {
        name: Recipe(name, tuple(blocks(text)))
        for name, text in zip(parts[::2], parts[1::2], strict=True)
    }


def blocks(text: str) -> Iterator[Block]:
    """Yield the blocks that are for a file or have commands."""
    for found in _BLOCK.finditer(text):
        if found["file"] or found["language"] in SHELLS:
            lines = found["text"].splitlines(keepends=True)
            unindented = "".join(line.removeprefix(found["indent"]) for line in lines)
            yield Block(found["language"], found["file"], unindented)


def merged(module: str, block: str) -> str:
    """Return the module with the definitions of the block."""
    is_of_class = block.startswith(" ")
    block = textwrap.dedent(block)
    for statement in ast.parse(block).body:
        source = "\n".join(block.splitlines()[_first_line(statement) - 1 : statement.end_lineno])
        if isinstance(statement, ast.Import | ast.ImportFrom):
            module = _with_import(module, source)
        elif is_of_class and not _is_docstring(statement):
            module = _with_member(module, statement, textwrap.indent(source, "    "))
        elif not is_of_class:
            module = _with_definition(module, statement, source)
    return module


def _with_import(module: str, source: str) -> str:
    """Put an import behind the others; `ruff check --fix` sorts them."""
    imports = [s for s in ast.parse(module).body if isinstance(s, ast.Import | ast.ImportFrom)]
    lines = module.splitlines()
    place = (imports[-1].end_lineno or 0) if imports else len(lines)
    return _joined([*lines[:place], source, *lines[place:]])


def _with_member(module: str, statement: ast.stmt, source: str) -> str:
    classes = [s for s in ast.parse(module).body if isinstance(s, ast.ClassDef)]
    if not classes:
        raise DoesNotApply("there is no class in the file")
    body = classes[-1].body
    return _placed(module, body, statement, source, 0 if isinstance(body[-1], ast.AnnAssign) else 1)


def _with_definition(module: str, statement: ast.stmt, source: str) -> str:
    is_block = isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    return _placed(module, ast.parse(module).body, statement, source, 2 if is_block else 1)


def _placed(
    module: str, body: list[ast.stmt], statement: ast.stmt, source: str, blank_lines: int
) -> str:
    """Put a definition in the place of the one of its name, or behind all of the body."""
    lines = module.splitlines()
    for there in body:
        if _name(there) == _name(statement):
            end = there.end_lineno or 0
            return _joined([*lines[: _first_line(there) - 1], source, *lines[end:]])
    end = body[-1].end_lineno or 0
    return _joined([*lines[:end], *[""] * blank_lines, source, *lines[end:]])


def _name(statement: ast.stmt) -> str:
    match statement:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return name
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return name
    return ""


def _first_line(statement: ast.stmt) -> int:
    """Return where a definition begins: with its decorators."""
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    return min([statement.lineno, *(decorator.lineno for decorator in decorators)])


def _is_docstring(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _patched(before: str, diff: str, file: str) -> str:
    """Return the text after a diff, whose line "@@" stands for what is not shown."""
    for hunk in re.split(r"^@@\n", diff, flags=re.MULTILINE):
        lines = hunk.splitlines(keepends=True)
        old = "".join(line[1:] or "\n" for line in lines if not line.startswith("+"))
        new = "".join(line[1:] or "\n" for line in lines if not line.startswith("-"))
        if before.count(old) != 1:
            raise DoesNotApply(f"{file} has {before.count(old)} times:\n{old}")
        before = before.replace(old, new)
    return before


def _with_variables(before: str, block: str) -> str:
    names = {line.partition("=")[0] for line in block.splitlines()}
    kept = [line for line in before.splitlines() if line.lstrip("#").partition("=")[0] not in names]
    return _joined([*kept, *block.splitlines()])


def _joined(lines: list[str]) -> str:
    return "\n".join(lines) + "\n"
