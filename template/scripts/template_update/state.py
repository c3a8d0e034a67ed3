"""An update under way: how to get back, kept in the bot's .git folder."""

import json
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from scripts.template_update.repository import Repository, UpdateError

_NAME = "template-update.json"


@dataclass(frozen=True, slots=True)
class Backup:
    """How to get back: the tag of the commit before, and the files that came with the update.

    `new` is empty until the release is merged.
    """

    tag: str
    old: str
    new: str
    created: tuple[str, ...]


def is_under_way(bot: Repository) -> bool:
    """Tell whether an update waits for --finish or --rollback."""
    return _file(bot).exists()


def begin(bot: Repository, old: str) -> Backup:
    """Tag the last commit and record it, before anything is written.

    Raises:
        UpdateError: another update is under way, perhaps in another terminal.
    """
    backup = Backup(f"before-template-update-{time.strftime('%Y%m%d-%H%M%S')}", old, "", ())
    try:
        with _file(bot).open("x", encoding="utf-8") as file:
            json.dump(asdict(backup), file)
    except FileExistsError:
        raise UpdateError("An update is under way.") from None
    bot.git("tag", "--force", backup.tag)
    return backup


def merged(bot: Repository, backup: Backup, new: str, created: Iterable[str]) -> Backup:
    """Record that the release is merged, and which files came with it."""
    backup = replace(backup, new=new, created=tuple(created))
    _file(bot).write_text(json.dumps(asdict(backup)), "utf-8")
    return backup


def load(bot: Repository) -> Backup:
    """Return the update under way.

    Raises:
        UpdateError: there is none.
    """
    try:
        state = json.loads(_file(bot).read_text("utf-8"))
    except FileNotFoundError:
        raise UpdateError("No update is under way.") from None
    except ValueError:
        raise UpdateError(
            f"{_file(bot)} is broken; delete it, then look at `git status`."
        ) from None
    return Backup(**{**state, "created": tuple(state["created"])})


def end(bot: Repository, backup: Backup) -> None:
    """Forget the update, and the tag of the commit before."""
    if bot.git("tag", "--list", backup.tag):
        bot.git("tag", "--delete", backup.tag)
    _file(bot).unlink()


def go_back(bot: Repository, backup: Backup, created: Iterable[str]) -> None:
    """Restore the commit before, delete the files that came, and forget the update."""
    bot.git("reset", "--quiet", "--hard", backup.tag)
    known = set(bot.new_files())
    for name in known.intersection(created):
        path = bot.path / name
        path.unlink(missing_ok=True)
        _delete_empty_folders(path.parent, bot.path)
    end(bot, backup)


def _delete_empty_folders(folder: Path, top: Path) -> None:
    while folder != top and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent


def _file(bot: Repository) -> Path:
    return bot.git_folder / _NAME
