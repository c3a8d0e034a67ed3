"""One update of a bot, and what became of each edit of its owner."""

import ast
import contextlib
import difflib
import io
import json
import os
import runpy
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from unittest import mock

import copier
import yaml
from copier._cli import CopierApp

from drills.edits import Edit
from drills.parts import DoesNotApply, Move
from releases import Repository

ANSWERS = ".copier-answers.yml"
OWNER_SIDE = "<<<<<<< before updating"
_SIDES = (OWNER_SIDE, "||||||| ", "=======", ">>>>>>> after updating")

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
        arguments += ["--data", f"{key}={json.dumps(value)}"]
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
        contextlib.redirect_stdout(output),
        contextlib.redirect_stderr(output),
        _own_modules("scripts"),
    ):
        try:
            runpy.run_module("scripts.template_update", run_name="__main__")
        except SystemExit as end:
            code = end.code
    if isinstance(code, str):
        return Said(1, f"{output.getvalue()}{code}\n")
    return Said(int(str(code or 0)), output.getvalue())


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


WAYS: dict[str, Update] = {
    "copier update": by_copier,
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
    applied, left_out = [], []
    for each in edits:
        (applied if _apply(each, bot.path) else left_out).append(each)
    bot.commit()
    return EditedBot(made, bot, tuple(applied), tuple(left_out))


def _apply(each: Edit, bot: Path) -> bool:
    """Apply all parts of an edit, or none of them."""
    before = {
        name: (bot / name).read_bytes() if (bot / name).exists() else None for name in _names(each)
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


def _names(each: Edit) -> set[str]:
    moved = {part.to for part in each.parts if isinstance(part, Move)}
    return {part.file for part in each.parts} | moved


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of an edit: its worst file counts."""

    edit: str
    result: str
    why: str = ""


@dataclass(frozen=True, slots=True)
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
        found = [self._file_fate(name) for name in sorted(_names(each))]
        result, why = max(found, key=lambda fate: order.index(fate[0]))
        return Fate(each.name, result, why)

    def _file_fate(self, name: str) -> tuple[str, str]:
        before = _text(self.bot.made.path / name)
        owners = _text(self.bot.edited.path / name)
        now, new = _text(self.path / name), _text(self.fresh / name)
        if owners is None:
            return self._fate_of_deleted(name, before, now, new)
        if now is None:
            if f"deletes {name}, which you had changed" in self.said.text:
                return NAMED, f"the release deletes {name}"
            return LOST, f"the release deletes {name}"
        if _has_conflict(now):
            if _added_lines(before, owners) <= set(now.splitlines()):
                return CONFLICT, name
            return LOST, f"not in the conflict of {name}"
        expected, clean = merge(owners, before or "", owners if new is None else new)
        if new is None or before == new:
            expected, clean = owners, True
        return (SURVIVED, "") if clean and now == expected else (LOST, f"misplaced in {name}")

    def _fate_of_deleted(
        self, name: str, before: str | None, now: str | None, new: str | None
    ) -> tuple[str, str]:
        if now is not None:
            return LOST, f"{name} is back"
        if new is not None and new != before and not self.names_missed(name):
            return SURVIVED, f"change to {name} unnamed"
        return SURVIVED, ""

    def names_missed(self, name: str) -> bool:
        """Tell whether the update named a change to a file that the owner moved or deleted."""
        return f"changes {name}, which you moved or deleted" in self.said.text

    def conflicts(self) -> set[str]:
        """Return the files with conflicts, as they are marked in the text."""
        names = Repository(self.path).git(
            "ls-files", "-z", "--cached", "--others", "--exclude-standard"
        )
        found = set()
        for name in filter(None, names.split("\0")):
            text = _text(self.path / name)
            if text is not None and _has_conflict(text):
                found.add(name)
        return found

    def broken(self, names: set[str]) -> list[str]:
        """Return what does not parse or lint in these files, which have no conflict."""
        problems = [problem for name in sorted(names) if (problem := _parse(self.path / name))]
        python = [
            name for name in sorted(names) if name.endswith(".py") and (self.path / name).exists()
        ]
        if python:
            linted = subprocess.run(
                [
                    shutil.which("ruff", path=RUFF_PATH) or "ruff",
                    "check",
                    "--quiet",
                    "--output-format=concise",
                    *python,
                ],
                cwd=self.path,
                capture_output=True,
                text=True,
            )
            problems += linted.stdout.splitlines()
        return problems


RUFF_PATH = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])


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


def _added_lines(before: str | None, owners: str) -> set[str]:
    return set(owners.splitlines()) - set((before or "").splitlines())


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
