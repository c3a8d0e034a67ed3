"""The steps of an update, and the command line that leads to them."""

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import scripts.template_update
from scripts.template_update import copies, history, state
from scripts.template_update.answers import ANSWERS, Recorded, read
from scripts.template_update.changes import Summary, conflicts, examine
from scripts.template_update.repository import Repository, UpdateError
from scripts.template_update.summary import for_request, for_terminal

_NAMED_FILES = 5
_WAYS_ON = """
    uv run nox                                     runs the checks
    uv run nox -s template_update -- --finish      commits the result
    uv run nox -s template_update -- --rollback    goes back to how it was"""


@dataclass(frozen=True, slots=True)
class Wish:
    """What the owner asks for: other answers, another release, a file for the summary."""

    answers: dict[str, str]
    release: str | None
    summary_file: Path | None


def update(bot: Repository, wish: Wish) -> None:
    """Merge the release, and print what it changes and what is left to do.

    Raises:
        UpdateError: nothing was changed, or something needs a decision of the owner's.
    """
    _refuse_if_unfit(bot)
    _refuse_uncommitted_changes(bot)
    _refuse_without_a_name(bot)
    before = read(bot.git("show", f"HEAD:{ANSWERS}"))
    backup = state.begin(bot, before.version)
    try:
        summary = _merge(bot, before, wish)
    except BaseException:
        # Nothing was here that git did not know, so what is new is Copier's.
        state.go_back(bot, backup, bot.new_files())
        raise
    if summary.is_empty:
        state.go_back(bot, backup, ())
        print(_nothing_to_do(before))
        return
    state.merged(bot, backup, summary.new, bot.new_files())
    _report(summary, wish.summary_file)
    print(
        f"\nMerged {before.version} -> {summary.new}; the commit before has the tag {backup.tag}."
    )
    if summary.problems:
        raise UpdateError("\n".join(summary.problems))
    print(f"No conflicts. Look at `git diff` and at what the checks say, then:{_WAYS_ON}")


def dry_run(bot: Repository, wish: Wish) -> None:
    """Print what an update of the last commit would do; it is done in a copy that is thrown away.

    Raises:
        UpdateError: it cannot be done, or something would need a decision of the owner's.
    """
    _refuse_if_unfit(bot)
    before = read(bot.git("show", f"HEAD:{ANSWERS}"))
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        copy = Repository(Path(folder) / bot.path.name)
        bot.git("clone", "--quiet", "--no-checkout", "--", str(bot.path), str(copy.path))
        copy.git("checkout", "--quiet", "--detach", bot.head())
        summary = _merge(copy, before, wish)
    if summary.is_empty:
        print(_nothing_to_do(before))
        return
    _report(summary, wish.summary_file)
    print("\nThis was a dry run: nothing has changed.")
    if bot.git("status", "--porcelain"):
        print("Your changes that are not committed are no part of it.")
    if summary.problems:
        raise UpdateError("\n".join(summary.problems))
    print("There would be no conflicts.")


def finish(bot: Repository, wish: Wish) -> None:
    """Commit the merged release.

    Raises:
        UpdateError: there is none, or conflicts are left in it.
    """
    backup = state.load(bot)
    if not backup.new:
        raise UpdateError("The update was interrupted, so it cannot be finished.")
    if left := conflicts(bot):
        raise UpdateError("\n".join(left))
    if bot.git("status", "--porcelain"):
        bot.git("add", "--all")
        message = f"Update the template from {backup.old} to {backup.new}"
        bot.git("commit", "--quiet", "--message", message)
    state.end(bot, backup)
    print(f"Committed. The commit before is {bot.git('rev-parse', '--short', 'HEAD~1')}.")


def rollback(bot: Repository, wish: Wish) -> None:
    """Undo the update: files it changed or deleted come back, files it brought go.

    Raises:
        UpdateError: there is nothing to undo, or commits have been made since.
    """
    backup = state.load(bot)
    if not bot.git("tag", "--list", backup.tag):
        raise UpdateError(
            f"The tag {backup.tag} is gone: use `git reflog` to find the commit before."
        )
    if bot.git("rev-parse", f"{backup.tag}^{{commit}}") != bot.head():
        raise UpdateError(
            "There is a newer commit than before the update, or another branch. --finish keeps it;"
            f" `git reset --hard {backup.tag}` drops it, then --rollback works."
        )
    state.go_back(bot, backup, backup.created)
    print(f"Everything is as it was before, on {backup.old}.")
    if not backup.new and (left := bot.new_files()):
        print("New here, and perhaps from the interrupted update:", *sorted(left), sep="\n    ")


def _refuse_if_unfit(bot: Repository) -> None:
    top = Path(bot.git("rev-parse", "--show-toplevel"))
    if top.resolve() != bot.path.resolve():
        raise UpdateError(
            f"The bot is a folder of the repository {top}; this works where the bot has a repository"
            " of its own. Here `uvx copier update` merges; it tells less, see docs/template-update.md."
        )
    if state.is_under_way(bot):
        raise UpdateError("An update is under way.")


def _refuse_uncommitted_changes(bot: Repository) -> None:
    changes = bot.git("status", "--porcelain").splitlines()
    names = [line.split(maxsplit=1)[1] for line in changes]
    if names:
        more = ", …" if len(names) > _NAMED_FILES else ""
        raise UpdateError(
            f"This folder has changes that are not committed: {', '.join(names[:_NAMED_FILES])}{more}."
            " Commit them first, so that you can tell them from those of the update."
        )


def _refuse_without_a_name(bot: Repository) -> None:
    try:
        bot.git("var", "GIT_COMMITTER_IDENT")
    except UpdateError:
        raise UpdateError(
            "git does not know who you are, and --finish commits: set it with"
            ' `git config user.name "NAME"` and `git config user.email "ADDRESS"`.'
        ) from None


def _merge(bot: Repository, before: Recorded, wish: Wish) -> Summary:
    copies.compile_once()
    with history.template_of(before) as template, TemporaryDirectory() as folder:
        old = Path(folder) / "old"
        copies.render(before, old)
        copies.merge(bot, before, wish.answers, wish.release)
        return examine(bot, before, old, template, wish.answers)


def _report(summary: Summary, file: Path | None) -> None:
    print(for_terminal(summary))
    if file:
        file.write_text(f"{for_request(summary)}\n", "utf-8", newline="\n")


def _nothing_to_do(before: Recorded) -> str:
    return f"Nothing to do: {before.version} is the newest release, and the answers are the same."


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command on the bot in the current folder; return 0 if nothing is left to settle."""
    options = _options(arguments)
    bot = Repository(Path.cwd())
    # The refusals name files, which may have any character.
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    wish = Wish(dict(options.data), options.vcs_ref, options.summary)
    step: Callable[[Repository, Wish], None] = options.step
    try:
        step(bot, wish)
    except UpdateError as error:
        sys.stdout.flush()
        print(f"{error}{_ways_on(bot)}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return 1
    return 0


def _ways_on(bot: Repository) -> str:
    try:
        return _WAYS_ON if state.is_under_way(bot) else ""
    except UpdateError:
        return ""


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="nox -s template_update --",
        description=scripts.template_update.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    step = parser.add_mutually_exclusive_group()
    step.set_defaults(step=update)
    for name, function, told in (
        ("--dry-run", dry_run, "say what would happen, change nothing"),
        ("--finish", finish, "commit a merged release"),
        ("--rollback", rollback, "undo a merged release"),
    ):
        step.add_argument(name, dest="step", action="store_const", const=function, help=told)
    parser.add_argument("--vcs-ref", help="a release or commit other than the newest release")
    parser.add_argument("--data", action="append", default=[], type=_answer, metavar="KEY=VALUE")
    parser.add_argument(
        "--summary", type=_file, metavar="FILE", help="write the summary there, too"
    )
    # For nox alone: where a pull request is checked anyway.
    parser.add_argument("--no-checks", action="store_true", help="run no checks after the merge")
    return parser.parse_args(arguments)


def _answer(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"{text} is not of the form KEY=VALUE")
    return key, value


def _file(text: str) -> Path:
    return Path(text).absolute()
