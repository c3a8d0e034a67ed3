"""The template's own files, and where their overlays put them."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath

_CONDITION = re.compile(r"^\{% if (?P<condition>.+) %\}\.\{% endif %\}$")
_GROUP = re.compile(r"^\{\{ \w+ \}\}$")


@dataclass(frozen=True, slots=True)
class Source:
    """A file of template/: where it lies, under which conditions, and what it becomes."""

    path: Path
    conditions: tuple[str, ...]
    destination: PurePosixPath

    @property
    def has_jinja(self) -> bool:
        return self.path.suffix == ".jinja"


def sources(template: Path) -> Iterator[Source]:
    """Yield every file below the template's folder `template/`."""
    root = template / "template"
    below = len(f"{root}{os.sep}")
    files = [
        Path(folder, name).as_posix()[below:]
        for folder, _, names in os.walk(root)
        for name in names
    ]
    for name in sorted(files, key=lambda name: name.split("/")):
        yield Source(root / name, *_place(name))


@cache
def _place(name: str) -> tuple[tuple[str, ...], PurePosixPath]:
    """Return the conditions of a file, and what it becomes."""
    conditions: list[str] = []
    kept: list[str] = []
    for part in name.split("/"):
        if condition := _CONDITION.match(part):
            conditions.append(condition["condition"])
        elif not _GROUP.match(part):
            kept.append(part)
    destination = PurePosixPath(*kept)
    if destination.suffix == ".jinja":
        destination = destination.with_suffix("")
    return tuple(conditions), destination
