"""The changes that CONTRIBUTING.md walks through: read from its text, and made in a copy of the template."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from variants import ROOT

CONTRIBUTING = ROOT / "CONTRIBUTING.md"
_DIFF = re.compile(r"^```diff\n(.*?)^```$", re.M | re.S)
_COMMANDS = re.compile(r"^```console\n(.*?)^```$", re.M | re.S)


@dataclass(frozen=True, slots=True)
class Change:
    """A text in a file, and what stands in its place afterwards."""

    file: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Walk:
    """One walk: its text, its changes in their order, and its commands."""

    text: str
    changes: tuple[Change, ...]
    commands: tuple[str, ...]

    def make(self, template: Path) -> None:
        """Make the changes in a copy of the template."""
        for change in self.changes:
            file = template / change.file
            text = file.read_text("utf-8")
            found = text.count(change.before)
            assert found == 1, f"{change.file} has {found} times {change.before!r}"
            file.write_text(text.replace(change.before, change.after), "utf-8", newline="\n")


def walk(number: int) -> Walk:
    """Return a walk of CONTRIBUTING.md as it is written there."""
    sections = re.split(r"^## ", CONTRIBUTING.read_text("utf-8"), flags=re.M)
    text = next(section for section in sections if section.startswith(f"Walk {number}: "))
    changes = [change for diff in _DIFF.findall(text) for change in _changes(diff)]
    commands = [line for block in _COMMANDS.findall(text) for line in block.splitlines()]
    return Walk(text, tuple(changes), tuple(commands))


def _changes(diff: str) -> Iterator[Change]:
    """Yield what a diff changes; it names files by `---` alone, and parts hunks by `@@`."""
    for part in re.split(r"^--- ", diff, flags=re.M)[1:]:
        file, _, hunks = part.partition("\n")
        for hunk in re.split(r"^@@\n", hunks, flags=re.M):
            lines = hunk.splitlines()
            before = [line[1:] for line in lines if line[0] in " -"]
            after = [line[1:] for line in lines if line[0] in " +"]
            yield Change(file, "\n".join(before), "\n".join(after))
