"""The template's own files, and where their overlays put them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
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
    for path in sorted(root.rglob("*")):
        if path.is_file():
            yield _source(root, path)


def _source(root: Path, path: Path) -> Source:
    conditions: list[str] = []
    kept: list[str] = []
    for part in path.relative_to(root).parts:
        if condition := _CONDITION.match(part):
            conditions.append(condition["condition"])
        elif not _GROUP.match(part):
            kept.append(part)
    destination = PurePosixPath(*kept)
    if destination.suffix == ".jinja":
        destination = destination.with_suffix("")
    return Source(path, tuple(conditions), destination)
