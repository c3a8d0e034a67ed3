"""The template with its releases, for a bot to go from one to another.

`past_releases` has the real ones and the working copy, `release_twice` two made from the working copy.
"""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import copier

from rendering import export
from tools.release import past_versions, restore, tag

OLD, NEW = "v1.0.0", "v1.1.0"
# The working copy, uncommitted changes included, after all past releases.
NEXT = "999.0.0"

# What a release may change: a line in a file, a dependency; and it adds and deletes a file.
RELEASE = {
    "template/app/core/service/chat/chat_service.py": ('"""The one way', '"""The only way'),
    "template/pyproject.toml.jinja": ('"ruff>=0.17.6,<0.18",', '"ruff>=0.17.6,<0.19",'),
    "template/{{ deployment_overlays }}/{% if deployment != 'lambda' %}.{% endif %}/Dockerfile.jinja": (
        "EXPOSE 8181",
        "EXPOSE 8181/tcp",
    ),
}
NEW_FILE = "app/core/news.py"
DELETED_FILE = "docker-compose.yml"


@dataclass(frozen=True, slots=True)
class Repository:
    """A git repository of the test's own."""

    path: Path

    def git(self, *arguments: str) -> str:
        identity = ["-c", "user.name=test", "-c", "user.email=test@localhost"]
        done = subprocess.run(
            ["git", *identity, *arguments],
            cwd=self.path,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    def commit(self) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "A change")

    def replace(self, name: str, old: str, new: str) -> None:
        file = self.path / name
        text = file.read_text("utf-8")
        assert old in text, f"{name} has no {old!r}"
        file.write_text(text.replace(old, new, 1), "utf-8", newline="\n")

    def files(self) -> dict[str, str]:
        """Return the text of every file, without the record of where it comes from."""
        listed = self.git("ls-files", "-z", "--cached", "--others", "--exclude-standard")
        files = [self.path / name for name in listed.split("\0") if name]
        found = {
            path.relative_to(self.path).as_posix(): path.read_text("utf-8")
            for path in files
            if path.exists()
        }
        del found[".copier-answers.yml"]
        return found

    def conflicts(self) -> list[str]:
        """Return the files with conflicts, as marked in their text and as git knows them."""
        marked = [name for name, text in self.files().items() if re.search(r"^<{7} ", text, re.M)]
        return marked + self.git("diff", "--name-only", "--diff-filter=U").split()


def release_twice(folder: Path) -> Repository:
    """Make a repository of this checkout, and of a release that changes a few lines of it."""
    repository = Repository(export(folder))
    repository.git("init", "--quiet")
    repository.commit()
    repository.git("tag", OLD)
    for name, (old, new) in RELEASE.items():
        repository.replace(name, old, new)
    (repository.path / "template" / NEW_FILE).write_text('"""News."""\n', "utf-8")
    (repository.path / "template" / DELETED_FILE).unlink()
    repository.commit()
    repository.git("tag", NEW)
    return repository


def past_releases(folder: Path) -> Repository:
    """Make a repository with a tag for each past release, and NEXT for the working copy."""
    releases = restore(folder)
    releases.commit(NEXT, releases.tree_of_working_copy(), past_versions()[-1])
    repository = Repository(folder)
    repository.git("reset", "--quiet", "--hard", tag(NEXT))
    return repository


def copy(releases: Repository, bot: Path, version: str, answers: dict[str, Any]) -> Repository:
    copier.run_copy(
        str(releases.path), bot, data=answers, vcs_ref=version, defaults=True, quiet=True
    )
    repository = Repository(bot)
    repository.git("init", "--quiet")
    repository.commit()
    return repository
