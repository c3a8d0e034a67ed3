"""What an edit of an owner or a change of the template consists of: the same few operations on files."""

from dataclasses import dataclass
from pathlib import Path


class DoesNotApply(Exception):
    """The file or the text is not there: this bot, or this release, is without it."""


@dataclass(frozen=True, slots=True)
class Replace:
    """The first occurrence of a text in a file becomes another."""

    file: str
    old: str
    new: str

    def apply(self, root: Path) -> None:
        text = _read(root / self.file)
        if self.old not in text:
            raise DoesNotApply(f"{self.file} has no {self.old!r}")
        _write(root / self.file, text.replace(self.old, self.new, 1))


@dataclass(frozen=True, slots=True)
class Append:
    """A text comes to the end of a file."""

    file: str
    text: str

    def apply(self, root: Path) -> None:
        _write(root / self.file, _read(root / self.file) + self.text)


@dataclass(frozen=True, slots=True)
class Rewrite:
    """A file gets another text altogether."""

    file: str
    text: str

    def apply(self, root: Path) -> None:
        _read(root / self.file)
        _write(root / self.file, self.text)


@dataclass(frozen=True, slots=True)
class Add:
    """A file that was not there."""

    file: str
    text: str

    def apply(self, root: Path) -> None:
        if (root / self.file).exists():
            raise DoesNotApply(f"{self.file} is there already")
        _write(root / self.file, self.text)


@dataclass(frozen=True, slots=True)
class Delete:
    """A file goes."""

    file: str

    def apply(self, root: Path) -> None:
        _read(root / self.file)
        (root / self.file).unlink()


@dataclass(frozen=True, slots=True)
class Move:
    """A file gets another path."""

    file: str
    to: str

    def apply(self, root: Path) -> None:
        text = _read(root / self.file)
        (root / self.file).unlink()
        _write(root / self.to, text)


@dataclass(frozen=True, slots=True)
class Rename:
    """A text becomes another one in every file below a folder."""

    file: str
    old: str
    new: str

    def apply(self, root: Path) -> None:
        files = [path for path in sorted((root / self.file).rglob("*")) if path.is_file()]
        found = [path for path in files if self.old.encode() in path.read_bytes()]
        if not found:
            raise DoesNotApply(f"{self.old} is nowhere below {self.file}")
        for path in found:
            _write(path, _read(path).replace(self.old, self.new))


Part = Replace | Append | Rewrite | Add | Delete | Move | Rename


def _read(path: Path) -> str:
    if not path.is_file():
        raise DoesNotApply(f"{path.name} is not there")
    return path.read_bytes().decode()


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())
