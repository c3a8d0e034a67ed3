"""The bot's git repository, as the update needs it."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

# Of one call, in seconds; no repository of a bot is so large.
TIMEOUT_SECONDS = 120


class UpdateError(Exception):
    """The update cannot go on; the message tells why and what to do."""


@dataclass(frozen=True, slots=True)
class Repository:
    """A git repository, by the absolute path of its folder."""

    path: Path

    def git(self, *arguments: str) -> str:
        """Run git here and return what it prints.

        Raises:
            UpdateError: git is missing, refuses, or takes too long.
        """
        return self.git_bytes(*arguments).decode("utf-8", "surrogateescape").strip()

    def git_bytes(self, *arguments: str) -> bytes:
        """Run git here and return what it prints, byte by byte; raises like `git`."""
        if shutil.which("git") is None:
            raise UpdateError("git is not installed.")
        try:
            done = subprocess.run(
                ["git", *arguments], cwd=self.path, capture_output=True, timeout=TIMEOUT_SECONDS
            )
        except subprocess.TimeoutExpired:
            raise UpdateError(f"git {arguments[0]} took over {TIMEOUT_SECONDS} seconds.") from None
        if done.returncode:
            raise UpdateError(f"git {arguments[0]}: {done.stderr.decode(errors='replace').strip()}")
        return done.stdout

    def names(self, command: str, *arguments: str) -> list[str]:
        """Return the file names that a git command lists, whatever characters they have."""
        listed = self.git_bytes(command, "-z", *arguments).decode("utf-8", "surrogateescape")
        return [name for name in listed.split("\0") if name]

    def new_files(self) -> list[str]:
        """Return the files that git does not know, without those it ignores."""
        return self.names("ls-files", "--others", "--exclude-standard")

    def ignored(self) -> list[str]:
        """Return the files and, with a slash at the end, the folders that git ignores."""
        return self.names("ls-files", "--others", "--ignored", "--exclude-standard", "--directory")

    def changed(self, kind: str) -> list[str]:
        """Return the files that differ from the last commit: kind A, M, D or several of them."""
        return self.names("diff", "--name-only", "--no-renames", f"--diff-filter={kind}", "HEAD")

    def at_head(self, name: str) -> bytes:
        """Return a file's content in the last commit, with the line ends of Unix."""
        return normal(self.git_bytes("show", f"HEAD:{name}"))

    def head(self) -> str:
        """Return the id of the last commit."""
        return self.git("rev-parse", "HEAD")

    @property
    def git_folder(self) -> Path:
        """The folder that git keeps about this checkout."""
        return self.path / self.git("rev-parse", "--git-dir")


def normal(content: bytes) -> bytes:
    """Return a content with the line ends of Unix, whatever the checkout has."""
    return content.replace(b"\r\n", b"\n")
