"""One folder that becomes one bot after another, so that caches of its files stay good."""

import hashlib
import os
import shutil
from pathlib import Path

_CACHES = {"__pycache__", ".mypy_cache"}


class Workspace:
    """A folder that has the files of one bot at a time; what two bots share is not written anew."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._there: dict[str, bytes] = {}

    def become(self, bot: Path) -> Path:
        """Make the folder equal to a bot's, and return it."""
        wanted = {
            path.relative_to(bot).as_posix(): path
            for path in bot.rglob("*")
            if path.is_file() and not _CACHES & set(path.parts)
        }
        for name in self._there.keys() - wanted.keys():
            self._remove(name)
        for name, path in wanted.items():
            self._write(name, path)
        return self.folder

    def _write(self, name: str, source: Path) -> None:
        content = source.read_bytes()
        if self._there.get(name) == content:
            return
        target = self.folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        shutil.copymode(source, target)
        # Caches know a file by its time and its size: another text has another time.
        moment = int.from_bytes(hashlib.sha256(content).digest()[:3])
        os.utime(target, (moment, moment))
        self._there[name] = content

    def _remove(self, name: str) -> None:
        target = self.folder / name
        target.unlink()
        del self._there[name]
        for folder in list(target.parents)[: len(Path(name).parts) - 1]:
            if {path.name for path in folder.iterdir()} - _CACHES:
                break
            shutil.rmtree(folder)
