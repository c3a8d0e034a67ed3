"""Takes over the template's newest release: `uv run nox -s template_update`.

Copier merges the release into this folder. It neither fails on conflicts nor tells which files
with changes of yours the release deletes; this script does, and it can go back:

    uv run nox -s template_update                      merge, and say what is left to do
    uv run nox -s template_update -- --data ci=none    the same, with another answer
    uv run nox -s template_update -- --finish          commit the result
    uv run nox -s template_update -- --rollback        back to how it was before
"""

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

ANSWERS = ".copier-answers.yml"
# PEP 440, as Copier reads releases from tags; a commit behind one reads v1.2.0-3-g0abc.
_RELEASE = re.compile(r"v?\d+(\.\d+)*((a|b|rc)\d+)?(\.post\d+)?(\.dev\d+)?")
# git lists every file it does not know; those it ignores are no part of an update.
_NEW_FILES = ("ls-files", "--others", "--exclude-standard")
_CONFLICT = re.compile(rb"^(<{7}|>{7})( |$)", re.MULTILINE)
_WAYS_ON = """
    uv run nox -s template_update -- --finish      commits the result
    uv run nox -s template_update -- --rollback    goes back to how it was"""


class UpdateError(Exception):
    """The update cannot go on; the message tells why and what to do."""


@dataclass(frozen=True, slots=True)
class Backup:
    """How to get back: the tag of the commit before, and the files that came with the update."""

    tag: str
    old: str
    new: str
    created: tuple[str, ...]


def update(extra_answers: Sequence[str], version: str | None) -> None:
    """Merge the release, and print what is left to do.

    Raises:
        UpdateError: nothing was changed, or something needs a decision of yours.
    """
    _refuse_if_unclean()
    before = _answers(_git("show", f"HEAD:{ANSWERS}"))
    source, old = _source(before)
    tag = f"before-template-update-{time.strftime('%Y%m%d-%H%M%S')}"
    _git("tag", tag)
    try:
        _copier("update", *_version(version, old), *_data(extra_answers))
    except UpdateError:
        _git("reset", "--quiet", "--hard", tag)
        _git("tag", "--delete", tag)
        raise
    after = _answers(Path(ANSWERS).read_text("utf-8"))
    if not _git("status", "--porcelain"):
        _git("tag", "--delete", tag)
        print(f"Nothing to do: {old} is the newest release, and the answers are the same.")
        return
    _save(Backup(tag, old, after["_commit"], tuple(_paths(*_NEW_FILES))))
    print(f"Merged {old} -> {after['_commit']}; the commit before has the tag {tag}.")
    # With other answers the rest would be about files that nobody wanted to come or to go.
    problems = _changed_answers(before, after, extra_answers)
    if problems := problems or [*_conflicts(), *_lost_edits(source, before, after)]:
        raise UpdateError("\n".join(problems))
    print(f"No conflicts. Look at `git diff` and at what the checks say, then:{_WAYS_ON}")


def finish() -> None:
    """Commit the merged release.

    Raises:
        UpdateError: there is none, or conflicts are left in it.
    """
    backup = _load()
    if conflicts := _conflicts():
        raise UpdateError("\n".join(conflicts))
    _git("add", "--all")
    _git("commit", "--quiet", "--message", f"Update the template from {backup.old} to {backup.new}")
    _git("tag", "--delete", backup.tag)
    _state_file().unlink()
    print(f"Committed. The commit before is {_git('rev-parse', '--short', 'HEAD~1')}.")


def rollback() -> None:
    """Undo the update: files it changed or deleted come back, files it brought go.

    Raises:
        UpdateError: there is nothing to undo.
    """
    backup = _load()
    _git("reset", "--quiet", "--hard", backup.tag)
    for name in backup.created:
        Path(name).unlink(missing_ok=True)
    _git("tag", "--delete", backup.tag)
    _state_file().unlink()
    print(f"Everything is as it was before, on {backup.old}.")


def _refuse_if_unclean() -> None:
    if _state_file().exists():
        raise UpdateError("An update is under way.")
    if _git("status", "--porcelain"):
        raise UpdateError(
            "This folder has changes that are not committed. Commit them first, so that you can"
            " tell them from those of the update."
        )


def _source(answers: dict[str, str]) -> tuple[str, str]:
    """Return the address and the version of the template this bot was made from."""
    source, version = answers.get("_src_path", ""), answers.get("_commit", "")
    is_remote = re.match(r"(https?|ssh|git|git\+\w+)://|git@|g[hl]:", source) is not None
    if not is_remote and not (Path(source).expanduser().is_absolute() and Path(source).exists()):
        raise UpdateError(
            f"_src_path in {ANSWERS} is {source or 'missing'}, which is no git address and no"
            " folder of this machine; write the template's git address there and commit."
        )
    if not version or (not is_remote and not (Path(source) / ".git").exists()):
        raise UpdateError(
            f"The template at {source} is no git repository, or was none when the bot was made;"
            f" write its git address and the release into _src_path and _commit in {ANSWERS}."
        )
    return source, version


def _version(wanted: str | None, recorded: str) -> list[str]:
    """Return the release to take: the newest, or the newest commit if a mere commit is recorded."""
    if wanted is None and not _RELEASE.fullmatch(recorded):
        wanted = "HEAD"
    return [] if wanted is None else ["--vcs-ref", wanted]


def _data(answers: Iterable[str]) -> list[str]:
    return [argument for answer in answers for argument in ("--data", answer)]


def _changed_answers(
    before: dict[str, str], after: dict[str, str], extra_answers: Sequence[str]
) -> list[str]:
    """Name the answers that changed though nobody asked for it, and so files you might need."""
    asked = {answer.partition("=")[0] for answer in extra_answers}
    changed = [
        key
        for key in before
        if not key.startswith("_") and key not in asked and before[key] != after.get(key)
    ]
    return [
        f"The answer {key} changed by itself from {before[key]} to {after.get(key, 'nothing')}."
        for key in changed
    ]


def _conflicts() -> list[str]:
    unmerged = set(_paths("diff", "--name-only", "--diff-filter=U"))
    touched = unmerged.union(
        _paths("diff", "--name-only", "--diff-filter=d", "HEAD"),
        _paths(*_NEW_FILES),
    )
    present = (name for name in touched if Path(name).is_file())
    marked = {name for name in present if _CONFLICT.search(Path(name).read_bytes())}
    return [f"Conflict in {name}: keep one side or join both." for name in sorted(marked)]


def _lost_edits(source: str, before: dict[str, str], after: dict[str, str]) -> list[str]:
    """Name the files with changes of yours that the release deleted, and the other way round.

    Copier says nothing of either. What the old and the new release look like without any change
    is rendered anew to find them.
    """
    with tempfile.TemporaryDirectory() as folder:
        old, new = Path(folder) / "old", Path(folder) / "new"
        _render(source, before, _git("show", f"HEAD:{ANSWERS}"), old)
        _render(source, after, Path(ANSWERS).read_text("utf-8"), new)
        deleted = [
            f"The update deletes {name}, which you had changed;"
            f' `git checkout HEAD -- "{name}"` brings it back.'
            for name in _paths("diff", "--name-only", "--no-renames", "--diff-filter=D", "HEAD")
            if not (old / name).exists() or _at_head(name) != _normal((old / name).read_bytes())
        ]
        missed = [
            f"The update changes {name}, which you moved or deleted; the change is not merged."
            for name in _files(new)
            if name != ANSWERS
            and not Path(name).exists()
            and (old / name).exists()
            and (old / name).read_bytes() != (new / name).read_bytes()
        ]
    return deleted + missed


def _render(source: str, answers: dict[str, str], recorded: str, folder: Path) -> None:
    data = folder.with_suffix(".yml")
    data.write_text(recorded, "utf-8")
    version = answers["_commit"]
    _copier("copy", "--data-file", str(data), "--vcs-ref", version, source, str(folder))


def _files(folder: Path) -> list[str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return sorted(path.relative_to(folder).as_posix() for path in files)


def _answers(recorded: str) -> dict[str, str]:
    """Return the recorded answers by key, as they are written there."""
    entries = re.findall(r"^(\w+):(.*(?:\n(?:[ -].*)?)*)", recorded, re.MULTILINE)
    return {key: value.strip().strip("'\"") for key, value in entries}


def _at_head(name: str) -> bytes:
    shown = subprocess.run(["git", "show", f"HEAD:{name}"], capture_output=True, check=True)
    return _normal(shown.stdout)


def _normal(content: bytes) -> bytes:
    return content.replace(b"\r\n", b"\n")


def _copier(command: str, *arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "copier", command, "--quiet", "--defaults", *arguments],
        capture_output=True,
        text=True,
    )
    if done.returncode:
        lines = done.stderr.strip().splitlines()
        raise UpdateError(lines[-1] if lines else f"copier {command} failed")


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], capture_output=True, encoding="utf-8")
    if done.returncode:
        raise UpdateError(f"git {arguments[0]}: {done.stderr.strip()}")
    return done.stdout.strip()


def _paths(*arguments: str) -> list[str]:
    """Return the file names that a git command lists, whatever characters they have."""
    command, *rest = arguments
    return [name for name in _git(command, "-z", *rest).split("\0") if name]


def _state_file() -> Path:
    return Path(_git("rev-parse", "--git-dir")) / "template-update.json"


def _save(backup: Backup) -> None:
    _state_file().write_text(json.dumps(asdict(backup)), "utf-8")


def _load() -> Backup:
    try:
        state = json.loads(_state_file().read_text("utf-8"))
    except FileNotFoundError:
        raise UpdateError("No update is under way.") from None
    return Backup(**{**state, "created": tuple(state["created"])})


def main() -> None:
    options = _options()
    # The refusals name files, which may have any character.
    sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
    if shutil.which("git") is None:
        sys.exit("git is not installed.")
    try:
        if options.finish:
            finish()
        elif options.rollback:
            rollback()
        else:
            update(options.data, options.vcs_ref)
    except UpdateError as error:
        sys.exit(f"{error}{_WAYS_ON if _state_file().exists() else ''}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="nox -s template_update --",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--finish", action="store_true", help="commit a merged release")
    what.add_argument("--rollback", action="store_true", help="undo a merged release")
    parser.add_argument("--vcs-ref", help="a release or commit other than the newest release")
    parser.add_argument("--data", action="append", default=[], metavar="KEY=VALUE")
    return parser.parse_args()


if __name__ == "__main__":
    main()
