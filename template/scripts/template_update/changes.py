"""Finds out what a merged release has changed, and what of it the owner has to look at."""

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

from scripts.template_update import history
from scripts.template_update.answers import ANSWERS, Recorded, read, same, shown
from scripts.template_update.copies import files, render
from scripts.template_update.history import Note
from scripts.template_update.repository import Repository, UpdateError, normal

# A summary goes into a pull request's text, which is bounded.
_MOST_LINES = 60
_MARKER = re.compile(rb"^(<{7}|>{7})( |\r?$)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Missed:
    """A change of the template to a file that the owner had moved or deleted."""

    name: str
    diff: str


@dataclass(frozen=True, slots=True)
class Summary:
    """What an update does: names of files, sentences about answers, and what is left to settle."""

    old: str
    new: str
    changed: tuple[str, ...]
    added: tuple[str, ...]
    deleted: tuple[str, ...]
    new_answers: tuple[str, ...]
    notes: tuple[Note, ...]
    missed: tuple[Missed, ...]
    problems: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        """Whether the update changes nothing at all."""
        return not (self.changed or self.added or self.deleted)


def examine(
    bot: Repository, before: Recorded, old: Path, template: Repository, extra: Mapping[str, str]
) -> Summary:
    """Compare the merged bot with its last commit and with the template's two versions.

    `old` is the old version rendered without a change. The new one is rendered only if a file
    asks for it: one that the owner moved or deleted, or an edit that is gone.
    """
    after = read((bot.path / ANSWERS).read_text("utf-8"))
    summary = Summary(
        old=before.version,
        new=after.version,
        changed=tuple(bot.changed("MT")),
        added=tuple(sorted({*bot.new_files(), *bot.changed("A")})),
        deleted=tuple(bot.changed("D")),
        new_answers=tuple(_new_answers(before, after, template, extra)),
        notes=tuple(history.upgrade_notes(template, before.version, after.version)),
        missed=(),
        problems=tuple(_changed_by_itself(before, after, template, extra)),
    )
    # With other answers the rest would be about files that nobody wanted to come or to go.
    if summary.problems:
        return summary
    comparison = _Comparison(bot, old, after)
    missed = tuple(comparison.missed_changes())
    return replace(
        summary,
        missed=missed,
        problems=(
            *conflicts(bot),
            *comparison.deleted_edits(summary.deleted),
            *comparison.replaced_edits(summary.changed),
            *(
                f"The update changes {change.name}, which you moved or deleted;"
                " the change is not merged."
                for change in missed
            ),
        ),
    )


def conflicts(bot: Repository) -> list[str]:
    """Name the files in which both sides changed the same lines, and it is not settled."""
    touched = {*bot.changed("d"), *bot.new_files()}
    present = (name for name in touched if (bot.path / name).is_file())
    marked = {name for name in present if _MARKER.search((bot.path / name).read_bytes())}
    rejected = {name for name in bot.new_files() if name.endswith(".rej")}
    return [f"Conflict in {name}: keep one side or join both." for name in sorted(marked)] + [
        f"Conflict in {name}: take over by hand what it has, and delete it."
        for name in sorted(rejected)
    ]


def _new_answers(
    before: Recorded, after: Recorded, template: Repository, extra: Mapping[str, str]
) -> Iterator[str]:
    for key, value in after.values.items():
        if key not in before.values and key not in extra:
            yield f"{key} is new: {shown(value)}"
        elif key in extra and before.values.get(key) != value:
            was = shown(before.values[key]) if key in before.values else "nothing"
            yield f"{key}: {shown(value)} instead of {was}"
    for key in before.values.keys() - after.values.keys():
        if not history.asks(template, after.version, key):
            yield f"{key} is no longer a question; its answer was {shown(before.values[key])}"


def _changed_by_itself(
    before: Recorded, after: Recorded, template: Repository, extra: Mapping[str, str]
) -> Iterator[str]:
    for key, value in before.values.items():
        is_gone = key not in after.values and not history.asks(template, after.version, key)
        if key not in extra and not is_gone and not same(value, after.values.get(key)):
            now = shown(after.values[key]) if key in after.values else "nothing"
            yield f"The answer {key} changed by itself from {shown(value)} to {now}."


@dataclass
class _Comparison:
    """The merged bot beside the template's old and new version, both without a change."""

    bot: Repository
    old: Path
    after: Recorded

    @cached_property
    def new(self) -> Path:
        """The new version, rendered once somebody looks at it."""
        folder = self.old.with_name("new")
        render(self.after, folder)
        return folder

    def deleted_edits(self, deleted: tuple[str, ...]) -> list[str]:
        """Name the files that the release deletes and the owner had changed."""
        return [
            f"The update deletes {name}, which you had changed;"
            f' `git checkout HEAD -- "{name}"` brings it back.'
            for name in deleted
            if self._is_edited(name)
        ]

    def replaced_edits(self, changed: tuple[str, ...]) -> list[str]:
        """Name the files whose text is the release's alone, though it is no merge of both.

        Copier leaves out what git cannot apply, such as a change of a picture.
        """
        return [
            f"The update replaces {name}, which you had changed;"
            f' `git checkout HEAD -- "{name}"` brings yours back.'
            for name in changed
            if name != ANSWERS
            and self._is_edited(name)
            and self._is_all_new(name)
            and not self._is_merge(name)
        ]

    def missed_changes(self) -> Iterator[Missed]:
        """Find what the release changes in files that the owner had moved or deleted."""
        at_head = set(self.bot.names("ls-tree", "-r", "--name-only", "HEAD"))
        for name in files(self.old):
            if name in at_head or name == ANSWERS or not (self.new / name).is_file():
                continue
            old, new = ((folder / name).read_bytes() for folder in (self.old, self.new))
            if old != new:
                yield Missed(name, _diff(old, new))

    def _is_edited(self, name: str) -> bool:
        old = self.old / name
        return not old.is_file() or self.bot.at_head(name) != normal(old.read_bytes())

    def _is_all_new(self, name: str) -> bool:
        new = self.new / name
        now = normal((self.bot.path / name).read_bytes())
        return new.is_file() and normal(new.read_bytes()) == now != self.bot.at_head(name)

    def _is_merge(self, name: str) -> bool:
        """Tell whether git itself, merging the three, comes to the new version's text."""
        with TemporaryDirectory() as folder:
            mine = Path(folder) / "mine"
            mine.write_bytes(self.bot.at_head(name))
            try:
                merged = self.bot.git_bytes(
                    "merge-file", "-p", str(mine), str(self.old / name), str(self.new / name)
                )
            except UpdateError:
                return False
        return normal(merged) == normal((self.new / name).read_bytes())


def _diff(old: bytes, new: bytes) -> str:
    """Return the changed lines, as far as they are text and not too many."""
    before, after = (text.decode(errors="replace").splitlines() for text in (old, new))
    lines = list(difflib.unified_diff(before, after, lineterm="", n=2))[2:]
    more = [f"(and {len(lines) - _MOST_LINES} lines more)"] if len(lines) > _MOST_LINES else []
    return "\n".join([*lines[:_MOST_LINES], *more])
