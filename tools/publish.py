"""Publishes the newest version of CHANGELOG.md: its tag, and a GitHub release with its text.

    python -m tools.publish              of the commit that is checked out, as CI does on main
    python -m tools.publish --dry-run    says what it would publish, and publishes nothing

Nothing happens where that version has its tag. A version that is not above the last tag, or without
its bundle, is refused. `gh`, which makes both at once, takes its token from GH_TOKEN.
"""

import argparse
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from packaging.version import InvalidVersion, Version

from tools.release import (
    ReleaseError,
    git_of_checkout,
    past_versions,
    restore,
    section,
    tag,
    tree_of_commit,
)

# What stands under this heading has no version yet.
UNRELEASED = "Unreleased"
_GITHUB_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Publication:
    """A version, the commit that its tag will name, and what CHANGELOG.md says about it."""

    version: Version
    commit: str
    notes: str

    @property
    def tag(self) -> str:
        return tag(str(self.version))


def next_publication() -> Publication | None:
    """Return what is to be published of the commit that is checked out; None if it is already.

    Raises:
        ReleaseError: the version, its text or its bundle will not do; the message says what to do.
    """
    if git_of_checkout("rev-parse", "--is-shallow-repository").strip() == "true":
        raise ReleaseError("This clone is shallow and may lack tags: git fetch --unshallow --tags")
    changelog = git_of_checkout("show", "HEAD:CHANGELOG.md")
    version = newest_version(changelog)
    tagged = _tagged_versions()
    if version in tagged:
        return None
    if tagged and version < max(tagged):
        raise ReleaseError(
            f"{version}, the newest version of CHANGELOG.md, is not above {tag(str(max(tagged)))}:"
            " give it a newer one."
        )
    notes = section(str(version), changelog)
    _check_bundle(str(version))
    return Publication(version, git_of_checkout("rev-parse", "HEAD").strip(), notes)


def newest_version(changelog: str) -> Version:
    """Return the version that the first heading names, apart from `## Unreleased`.

    Raises:
        ReleaseError: there is none, or it is not written as PEP 440 does.
    """
    headings = re.findall(r"^## (.+?) *$", changelog, re.MULTILINE)
    text = next((heading for heading in headings if heading != UNRELEASED), "")
    try:
        version = Version(text)
    except InvalidVersion:
        raise ReleaseError(
            f"CHANGELOG.md begins with `## {text}`; name a version there, such as `## 0.2.0`,"
            f" or `## {UNRELEASED}`."
        ) from None
    if str(version) != text:
        raise ReleaseError(f"Write `## {version}` in CHANGELOG.md instead of `## {text}`.")
    return version


def publish(publication: Publication) -> None:
    """Have GitHub make the tag and the release.

    Raises:
        ReleaseError: GitHub refused, or `gh` is not there.
    """
    command = ["gh", "release", "create", publication.tag, "--target", publication.commit]
    command += ["--title", publication.tag, "--notes-file", "-"]
    command += ["--prerelease"] * publication.version.is_prerelease
    try:
        done = subprocess.run(
            command,
            input=publication.notes,
            capture_output=True,
            encoding="utf-8",
            timeout=_GITHUB_SECONDS,
        )
    except FileNotFoundError:
        raise ReleaseError("gh, GitHub's command line, is not installed.") from None
    except subprocess.TimeoutExpired:
        raise ReleaseError(f"gh did not end within {_GITHUB_SECONDS} s; run this again.") from None
    if done.returncode:
        raise ReleaseError(f"gh release create: {done.stderr.strip()}")


def _tagged_versions() -> set[Version]:
    """Return the versions of this checkout's tags; tags of another form are somebody's own."""
    found = set()
    for name in git_of_checkout("tag", "--list", tag("*")).split():
        try:
            found.add(Version(name.removeprefix(tag(""))))
        except InvalidVersion:
            continue
    return found


def _check_bundle(version: str) -> None:
    """Check that the drills of later releases will update from what is published now."""
    if version not in past_versions():
        raise ReleaseError(
            f"tests/releases has no {version}.bundle: run nox -s release -- {version} and commit it,"
            f" or head that part of CHANGELOG.md `## {UNRELEASED}` until it is ready."
        )
    with tempfile.TemporaryDirectory() as folder:
        releases = restore(Path(folder))
        cut = releases.git("rev-parse", f"{tag(version)}^{{tree}}").strip()
        if cut != releases.only_parts(tree_of_commit("HEAD")):
            raise ReleaseError(
                f"The template has changed since tests/releases/{version}.bundle was made. Delete it,"
                f" run nox -s release -- {version} and commit both."
            )


def main() -> None:
    """Publish, unless there is nothing to publish."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--dry-run", action="store_true", help="say it, and do nothing")
    options = parser.parse_args()
    try:
        publication = next_publication()
        if publication is None:
            print("The newest version of CHANGELOG.md has its tag: nothing to publish.")
            return
        if options.dry_run:
            print(
                f"Would publish {publication.tag} of {publication.commit}:\n\n{publication.notes}"
            )
            return
        publish(publication)
    except ReleaseError as error:
        sys.exit(str(error))
    print(f"Published {publication.tag} of {publication.commit}.")


if __name__ == "__main__":
    main()
