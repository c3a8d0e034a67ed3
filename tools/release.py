"""Cuts a release: the files that bots are made from, as a git bundle in tests/releases/.

    python tools/release.py 0.2.0                      of the working copy, uncommitted changes included
    python tools/release.py 0.1.0 --commit 0deacc5     of a commit

A bundle has one commit on top of the release before it, and works in a clone without tags or history.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from packaging.version import InvalidVersion, Version

ROOT = Path(__file__).resolve().parent.parent
BUNDLES = ROOT / "tests" / "releases"
# What a bot is made from, and what its owner reads before updating.
PARTS = ("CHANGELOG.md", "copier.yml", "macros", "template")
# The same for every release, so that the same files give the same commit.
IDENTITY = {
    f"GIT_{role}_{key}": value
    for role in ("AUTHOR", "COMMITTER")
    for key, value in {
        "NAME": "chatbot-template",
        "EMAIL": "chatbot-template",
        "DATE": "2000-01-01T00:00:00Z",
    }.items()
}


class ReleaseError(Exception):
    """The release cannot be cut; the message tells why and what to do."""


@dataclass(frozen=True, slots=True)
class ReleaseRepository:
    """A git repository of the releases alone, which borrows objects from this checkout."""

    path: Path

    def git(self, *arguments: str, **environment: str) -> str:
        """Run git in it and return what it prints.

        Raises:
            ReleaseError: git failed.
        """
        return _git(self.path, *arguments, **{**IDENTITY, **environment})

    def commit(self, version: str, tree: str, parent: str | None) -> None:
        """Commit a tree on top of another release, and tag it with the version."""
        parents = () if parent is None else ("-p", f"{tag(parent)}^{{commit}}")
        commit = self.git("commit-tree", tree, *parents, "-m", f"Release {version}").strip()
        self.git("tag", tag(version), commit)

    def tree_of_working_copy(self) -> str:
        """Write what git would commit of PARTS in this checkout, and return the tree."""
        files_of_root = {
            "GIT_DIR": str(self.path / ".git"),
            "GIT_WORK_TREE": str(ROOT),
            "GIT_INDEX_FILE": str(self.path / ".git" / "releases.index"),
        }
        # The executable bits come from what is committed, where the file system has none.
        head = tree_of_commit("HEAD")
        _git(ROOT, "read-tree", head, **files_of_root)
        known = self.git("ls-tree", "--name-only", head).splitlines()
        parts = [part for part in PARTS if part in known or (ROOT / part).exists()]
        _git(ROOT, "add", "--all", "--", *parts, **files_of_root)
        return self.only_parts(_git(ROOT, "write-tree", **files_of_root).strip())

    def only_parts(self, tree: str) -> str:
        """Return a tree with PARTS of another one alone."""
        entries = self.git("ls-tree", tree, "--", *PARTS)
        return _git(self.path, "mktree", text=entries).strip()


def tree_of_commit(commit: str) -> str:
    """Return the tree of a commit of this checkout.

    Raises:
        ReleaseError: there is no such commit.
    """
    return git_of_checkout("rev-parse", "--verify", f"{commit}^{{tree}}").strip()


def git_of_checkout(*arguments: str) -> str:
    """Run git in this checkout and return what it prints.

    Raises:
        ReleaseError: git failed.
    """
    return _git(ROOT, *arguments)


def tag(version: str) -> str:
    """Return the tag of a version: `v0.1.0` for `0.1.0`."""
    return f"v{version}"


def past_versions() -> list[str]:
    """Return the versions of the bundles, the oldest first."""
    return sorted((bundle.stem for bundle in BUNDLES.glob("*.bundle")), key=Version)


def restore(folder: Path) -> ReleaseRepository:
    """Make a git repository with a tag for each past release.

    Raises:
        ReleaseError: a bundle is broken, or one before it is missing.
    """
    folder.mkdir(parents=True, exist_ok=True)
    repository = ReleaseRepository(folder)
    repository.git("init", "--quiet", "--initial-branch=main")
    repository.git("config", "core.autocrlf", "false")
    objects = Path(_git(ROOT, "rev-parse", "--git-path", "objects").strip())
    borrowed = folder / ".git" / "objects" / "info" / "alternates"
    borrowed.write_text(f"{(ROOT / objects).resolve().as_posix()}\n", "utf-8", newline="\n")
    for version in past_versions():
        refs = f"refs/tags/{tag(version)}:refs/tags/{tag(version)}"
        repository.git("fetch", "--quiet", str(BUNDLES / f"{version}.bundle"), refs)
    return repository


def cut(version: str, commit: str | None, folder: Path) -> Path:
    """Write the bundle of a release and return its path; `folder` is for the work on the way.

    Raises:
        ReleaseError: the version or its changelog will not do, or there is such a release already.
    """
    bundle = BUNDLES / f"{version}.bundle"
    _check_version(version)
    repository = restore(folder)
    before = past_versions()[-1] if past_versions() else None
    if commit is None:
        tree = repository.tree_of_working_copy()
    else:
        tree = repository.only_parts(tree_of_commit(commit))
    section(version, repository.git("show", f"{tree}:CHANGELOG.md"))
    repository.commit(version, tree, before)
    since = () if before is None else (f"^{tag(before)}",)
    BUNDLES.mkdir(exist_ok=True)
    repository.git("bundle", "create", "--quiet", str(bundle), tag(version), *since)
    return bundle


def _check_version(version: str) -> None:
    try:
        number = Version(version)
    except InvalidVersion:
        raise ReleaseError(f"{version} is no version; type one such as 0.2.0.") from None
    if version in past_versions():
        raise ReleaseError(f"There is a release {version} already; a release never changes.")
    if later := [past for past in past_versions() if Version(past) >= number]:
        raise ReleaseError(f"{version} is not newer than {later[-1]}; type a newer version.")


def section(version: str, changelog: str) -> str:
    """Return what CHANGELOG.md says about a version, without its heading.

    Raises:
        ReleaseError: it says nothing, or not what an owner has to do.
    """
    sections = re.split(r"^## ", changelog, flags=re.MULTILINE)
    of_version = [text for text in sections if text.split("\n", 1)[0].strip() == version]
    if not of_version:
        raise ReleaseError(f"CHANGELOG.md has no heading `## {version}`; write one first.")
    if not re.search(r"^### Upgrading\n+[^#\s]", of_version[0], re.MULTILINE):
        raise ReleaseError(
            f"CHANGELOG.md has no part `### Upgrading` in {version}; say there what an owner has to do."
        )
    return of_version[0].partition("\n")[2].strip() + "\n"


def _git(folder: Path, *arguments: str, text: str | None = None, **environment: str) -> str:
    done = subprocess.run(
        ["git", *arguments],
        cwd=folder,
        env={**os.environ, **environment},
        input=text,
        capture_output=True,
        encoding="utf-8",
    )
    if done.returncode:
        raise ReleaseError(f"git {arguments[0]}: {done.stderr.strip()}")
    return done.stdout


def main() -> None:
    """Cut the release that the command line names."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("version", help="such as 0.2.0; CHANGELOG.md has it as a heading")
    parser.add_argument("--commit", help="what to release instead of the working copy")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        try:
            bundle = cut(options.version, options.commit, Path(folder))
        except ReleaseError as error:
            sys.exit(str(error))
    print(f"Wrote {bundle.relative_to(ROOT).as_posix()}, {bundle.stat().st_size // 1024} KiB.")
    print(f"Commit it: the CI of main then tags it {tag(options.version)} and publishes it.")


if __name__ == "__main__":
    main()
