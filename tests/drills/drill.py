"""One update of a bot, and what became of each edit of its owner."""

import ast
import contextlib
import difflib
import io
import json
import re
import runpy
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType
from typing import Any, Protocol
from unittest import mock

import copier
import jinja2
import yaml
from copier._cli import CopierApp

from drills.edits import Edit
from drills.parts import Add, Append, DoesNotApply, Replace, Rewrite
from releases import Repository

ANSWERS = ".copier-answers.yml"
OWNER_SIDE = "<<<<<<< before updating"

DELETED = "the release deletes"
SURVIVED, CONFLICT, NAMED, LOST = "survived", "conflict", "named", "lost"


@dataclass(frozen=True, slots=True)
class Said:
    """How an update ended: its exit code, and what it said."""

    code: int
    text: str


class Update(Protocol):
    """A way to update a bot to a version, with other answers if some are given."""

    def __call__(self, bot: Path, version: str | None, **answers: Any) -> Said: ...


def by_copier(bot: Path, version: str | None, **answers: Any) -> Said:
    """Do what `copier update --defaults` does; it says nothing and ends well whatever happens."""
    copier.run_update(bot, data=answers, vcs_ref=version, defaults=True, overwrite=True, quiet=True)
    return Said(0, "")


def by_template_update(bot: Path, version: str | None, **answers: Any) -> Said:
    """Run the bot's own `python -m scripts.template_update`, in this process."""
    arguments = [] if version is None else ["--vcs-ref", version]
    for key, value in answers.items():
        text = value if isinstance(value, str) else json.dumps(value)
        arguments += ["--data", f"{key}={text}"]
    return run_template_update(bot, *arguments)


def run_template_update(bot: Path, *arguments: str) -> Said:
    """Run the bot's script with these arguments, and Copier in this process where it starts it."""
    output = io.StringIO()
    # It sets the encoding of the real ones.
    output.reconfigure = lambda **_: None  # type: ignore[attr-defined]
    code: object = 0
    with (
        contextlib.chdir(bot),
        mock.patch.object(sys, "path", [str(bot), *sys.path]),
        mock.patch.object(sys, "argv", ["template_update", *arguments]),
        mock.patch.object(subprocess, "run", _run_here),
        # The script replaces it once in a process, and here runs many times in one.
        mock.patch.object(jinja2.Environment, "compile", jinja2.Environment.compile),
        contextlib.redirect_stdout(output),
        contextlib.redirect_stderr(output),
        # Every bot has its own copy of the script, mostly the same.
        mock.patch.object(SourceFileLoader, "source_to_code", _compile_once),
        mock.patch.object(sys, "dont_write_bytecode", True),
        _own_modules("scripts"),
    ):
        try:
            runpy.run_module("scripts.template_update", run_name="__main__")
        except SystemExit as end:
            code = end.code
    if isinstance(code, str):
        return Said(1, f"{output.getvalue()}{code}\n")
    return Said(int(str(code or 0)), output.getvalue())


def _compile_once(loader: SourceFileLoader, source: bytes, path: str) -> CodeType:
    return _compiled(source, Path(path).name)


@cache
def _compiled(source: bytes, name: str) -> CodeType:
    code: CodeType = compile(source, name, "exec", dont_inherit=True)
    return code


def _run_here(command: Any, *arguments: Any, **options: Any) -> Any:
    """Stand in for `subprocess.run`: a process for Copier alone would cost a second."""
    if list(command[:3]) != [sys.executable, "-m", "copier"]:
        return _RUN(command, *arguments, **options)
    output = io.StringIO()
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
        try:
            _, code = CopierApp.run(["copier", *command[3:]], exit=False)
        except Exception as error:
            print(f"{type(error).__name__}: {error}", file=output)
            code = 1
    return subprocess.CompletedProcess(command, code, "", output.getvalue())


_RUN = subprocess.run


@contextlib.contextmanager
def _own_modules(package: str) -> Iterator[None]:
    """Let a bot's package be imported from its folder, and forget it again."""

    def forget() -> None:
        for name in [name for name in sys.modules if name.split(".")[0] == package]:
            del sys.modules[name]

    forget()
    try:
        yield
    finally:
        forget()


COPIER = "copier update"
WAYS: dict[str, Update] = {
    COPIER: by_copier,
    "template_update": by_template_update,
}


@dataclass(frozen=True, slots=True)
class EditedBot:
    """A bot as it was made, what its owner made of it, and which edits do not apply to it."""

    made: Repository
    edited: Repository
    edits: tuple[Edit, ...]
    left_out: tuple[Edit, ...]


def edit(made: Repository, folder: Path, edits: Sequence[Edit]) -> EditedBot:
    """Make a copy of a bot, with those of the edits that apply to it, committed."""
    bot = Repository(shutil.copytree(made.path, folder))
    applied: list[Edit] = []
    left_out: list[Edit] = []
    for each in edits:
        (applied if _apply(each, bot.path) else left_out).append(each)
    if applied:
        bot.commit()
    return EditedBot(made, bot, tuple(applied), tuple(left_out))


def _apply(each: Edit, bot: Path) -> bool:
    """Apply all parts of an edit, or none of them."""
    before = {
        name: (bot / name).read_bytes() if (bot / name).exists() else None for name in each.files
    }
    try:
        for part in each.parts:
            part.apply(bot)
    except DoesNotApply:
        for name, content in before.items():
            if content is not None:
                (bot / name).write_bytes(content)
            else:
                (bot / name).unlink(missing_ok=True)
        return False
    return True


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of an edit: its worst file counts."""

    edit: str
    result: str
    why: str = ""


@dataclass(frozen=True)
class Updated:
    """A bot after an update, beside what it was made from and what a new one would be."""

    bot: EditedBot
    path: Path
    fresh: Path
    said: Said

    def fates(self) -> list[Fate]:
        """Tell of each edit whether it survived, byte for byte, or stands in a conflict."""
        return [self._fate(each) for each in self.bot.edits]

    def _fate(self, each: Edit) -> Fate:
        order = (SURVIVED, CONFLICT, NAMED, LOST)
        found = [self._file_fate(name, each) for name in sorted(each.files)]
        result, why = max(found, key=lambda fate: order.index(fate[0]))
        return Fate(each.name, result, why)

    def _file_fate(self, name: str, each: Edit) -> tuple[str, str]:
        before = _text(self.bot.made.path / name)
        owners = _text(self.bot.edited.path / name)
        now, new = _text(self.path / name), _text(self.fresh / name)
        if owners is None:
            return (SURVIVED, "") if now is None else (LOST, f"{name} is back")
        if now is None:
            if f"deletes {name}, which you had changed" in self.said.text:
                return NAMED, f"{DELETED} {name}"
            return LOST, f"{DELETED} {name}"
        if _has_conflict(now):
            if not _added_lines(before, owners) <= set(now.splitlines()):
                return LOST, f"not in the conflict of {name}"
            mine = _lines_of(each, name, before or "")
            is_outside = mine and not mine & _conflicting_lines(now)
            return (SURVIVED, "") if is_outside else (CONFLICT, name)
        expected, clean = owners, True
        if new is not None and before != new:
            expected, clean = merge(owners, before or "", new)
        return (SURVIVED, "") if clean and now == expected else (LOST, f"misplaced in {name}")

    def problems(self, way: str) -> list[str]:
        """Return what the update did wrong, beside what plain Copier cannot do better."""
        return [*self._lost(way), *self._other_files(), *self._unsaid(way)]

    def _lost(self, way: str) -> list[str]:
        return [
            f"lost: {fate.why}"
            for fate in self.fates()
            if fate.result == LOST and not (way == COPIER and fate.why.startswith(DELETED))
        ]

    def _other_files(self) -> list[str]:
        """Name the files that the owner did not touch and that are not as in a new bot."""
        touched = {name for each in self.bot.edits for name in each.files}
        fresh = texts_of_made(self.fresh)
        return [
            f"{name} is not as in a new bot"
            for name in sorted((self._texts.keys() | fresh.keys()) - touched)
            if self._texts.get(name) != fresh.get(name)
        ]

    def broken(self) -> list[str]:
        """Return what does not parse or lint, in the files without conflict that both touched."""
        touched = {name for each in self.bot.edits for name in each.files}
        return _broken(self.path, touched - self.conflicts())

    def _unsaid(self, way: str) -> list[str]:
        """Return what template_update should have said and has not, or the other way round."""
        if way == COPIER:
            return []
        wanted = {f"Conflict in {name}:" for name in self.conflicts()}
        wanted |= {
            f"The update changes {name}, which you moved or deleted;" for name in self._missed()
        }
        named = [fate for fate in self.fates() if fate.result == NAMED]
        unsaid = [
            f"not said: {sentence}" for sentence in sorted(wanted) if sentence not in self.said.text
        ]
        if self.said.code != (1 if wanted or named else 0):
            unsaid.append(f"exit code {self.said.code}: {self.said.text}")
        return unsaid

    def _missed(self) -> list[str]:
        """Return the files that the owner moved or deleted and the release changes."""
        gone = {name for each in self.bot.edits for name in each.files}
        return [
            name
            for name in sorted(gone)
            if not (self.bot.edited.path / name).exists()
            and (new := _text(self.fresh / name)) is not None
            and new != _text(self.bot.made.path / name)
        ]

    def conflicts(self) -> set[str]:
        """Return the files with conflicts, as they are marked in the text."""
        return {name for name, text in self._texts.items() if _has_conflict(text)}

    @cached_property
    def _texts(self) -> dict[str, str]:
        """The text of every file, as the update has left it."""
        return _texts(self.path)


def _broken(bot: Path, names: set[str]) -> list[str]:
    """Return what does not parse or lint in these files of a bot."""
    problems = [problem for name in sorted(names) if (problem := _parse(bot / name))]
    python = [name for name in sorted(names) if name.endswith(".py") and (bot / name).exists()]
    if python:
        command = [RUFF, "check", "--quiet", "--output-format=concise", *python]
        linted = subprocess.run(command, cwd=bot, capture_output=True, text=True)
        problems += linted.stdout.splitlines()
    return problems


RUFF = shutil.which("ruff", path=str(Path(sys.executable).parent)) or "ruff"


def merge(owners: str, before: str, new: str) -> tuple[str, bool]:
    """Merge as git does; return the text, and whether it has no conflict."""
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for name, text in (("owners", owners), ("before", before), ("new", new)):
            path = Path(folder, name)
            path.write_bytes(text.encode())
            paths.append(str(path))
        done = subprocess.run(["git", "merge-file", "-p", *paths], capture_output=True)
    return done.stdout.decode(), done.returncode == 0


def changed_lines(before: str, after: str) -> list[tuple[int, int]]:
    """Return where a text changes, as ranges of lines of the text before."""
    matcher = difflib.SequenceMatcher(None, before.splitlines(), after.splitlines(), autojunk=False)
    return [(i1, i2) for kind, i1, i2, _, _ in matcher.get_opcodes() if kind != "equal"]


def nearest(one: Sequence[tuple[int, int]], other: Sequence[tuple[int, int]]) -> int | None:
    """Return how many lines are between the nearest two ranges, None if there are none."""
    gaps = [max(a1 - b2, b1 - a2, 0) for a1, a2 in one for b1, b2 in other]
    return min(gaps, default=None)


def _files(bot: Path) -> set[str]:
    """Return the files of a bot that git sees or would see."""
    listed = Repository(bot).git("ls-files", "-z", "--cached", "--others", "--exclude-standard")
    return {name for name in listed.split("\0") if name and (bot / name).is_file()}


def text_of_files(bot: Path) -> dict[str, str]:
    """Return the text of every file of a bot but the record of where it comes from."""
    return {name: text for name, text in _texts(bot).items() if name != ANSWERS}


def _texts(bot: Path) -> dict[str, str]:
    return {name: _text(bot / name) or "" for name in _files(bot)}


@lru_cache(maxsize=8)
def texts_of_made(bot: Path) -> dict[str, str]:
    """Return the text of every file of a bot that nobody changes: many updates are compared with it."""
    return _texts(bot)


def _added_lines(before: str | None, owners: str) -> set[str]:
    return set(owners.splitlines()) - set((before or "").splitlines())


def _lines_of(each: Edit, name: str, before: str) -> set[str]:
    """Return the lines that one of several edits brought into a file."""
    after = before
    for part in each.parts:
        if part.file == name:
            match part:
                case Replace():
                    after = after.replace(part.old, part.new, 1)
                case Append():
                    after += part.text
                case Rewrite() | Add():
                    after = part.text
                case _:
                    pass
    return _added_lines(before, after)


def _conflicting_lines(text: str) -> set[str]:
    """Return the owner's lines that stand in conflicts."""
    hunks = re.findall(rf"^{OWNER_SIDE}\n(.*?)^(?:=======|\|{{7}} .*?)$", text, re.S | re.M)
    return {line for hunk in hunks for line in hunk.splitlines()}


def _has_conflict(text: str) -> bool:
    return f"\n{OWNER_SIDE}" in f"\n{text}"


def _text(path: Path) -> str | None:
    if not path.is_file():
        return None
    return path.read_bytes().decode("utf-8", "surrogateescape")


def _parse(path: Path) -> str | None:
    text = _text(path)
    if text is None:
        return None
    try:
        match path.suffix:
            case ".py":
                ast.parse(text)
            case ".toml":
                tomllib.loads(text)
            case ".yml" | ".yaml":
                yaml.safe_load(text)
            case ".json":
                json.loads(text)
            case ".jsonl":
                for line in text.splitlines():
                    json.loads(line)
    except ValueError as error:
        return f"{path.name}: {error}"
    except (SyntaxError, yaml.YAMLError) as error:
        return f"{path.name}: {error}"
    return None
