"""The summary of an update as Markdown, for the terminal and for a pull request."""

from collections.abc import Iterator, Sequence

from scripts.template_update.changes import Summary

# A request's text is bounded; all of a large update is in its diff.
_MOST_NAMES = 100


def for_request(summary: Summary) -> str:
    """Return the summary as Markdown; what is left to settle comes first."""
    return "\n".join((*_title(summary), *_part("To settle", summary.problems), *_rest(summary)))


def for_terminal(summary: Summary) -> str:
    """Return the summary without what is left to settle, which is said at the very end."""
    return "\n".join((*_title(summary), *_rest(summary)))


def _title(summary: Summary) -> Iterator[str]:
    yield f"# Template {summary.old} -> {summary.new}"


def _rest(summary: Summary) -> Iterator[str]:
    yield from _part("Answers", summary.new_answers)
    for note in summary.notes:
        yield from ("", f"## Upgrading to {note.release}", "", note.text)
    for change in summary.missed:
        yield from ("", f"## Not merged: {change.name}", "", "````diff", change.diff, "````")
    yield from _names("changed", summary.changed)
    yield from _names("added", summary.added)
    yield from _names("deleted", summary.deleted)


def _part(title: str, sentences: Sequence[str]) -> Iterator[str]:
    if sentences:
        yield from ("", f"## {title}", "")
        yield from (f"- {sentence}" for sentence in sentences)


def _names(what: str, names: Sequence[str]) -> Iterator[str]:
    if names:
        count = "1 file" if len(names) == 1 else f"{len(names)} files"
        yield from _part(f"{count} {what}", [f"`{name}`" for name in names[:_MOST_NAMES]])
        if len(names) > _MOST_NAMES:
            yield f"- and {len(names) - _MOST_NAMES} more"
