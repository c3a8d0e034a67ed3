"""What the template's changelog tells about the way from one version to another."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from scripts.template_update.answers import Recorded
from scripts.template_update.repository import Repository, UpdateError

_CHANGELOG = "CHANGELOG.md"


@dataclass(frozen=True, slots=True)
class Note:
    """The part "Upgrading" of one release."""

    release: str
    text: str


@contextmanager
def template_of(recorded: Recorded) -> Iterator[Repository]:
    """Give the template's repository, cloned to a temporary folder if it is elsewhere.

    Raises:
        UpdateError: it cannot be reached.
    """
    if not recorded.is_remote:
        yield Repository(Path(recorded.source).expanduser())
        return
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        clone = Repository(Path(folder))
        try:
            clone.git("clone", "--quiet", "--bare", "--", recorded.address, ".")
        except UpdateError as error:
            reason = str(error).splitlines()[-1]
            raise UpdateError(
                f"The template at {recorded.source} cannot be reached, so nothing was changed:"
                f" {reason}"
            ) from None
        yield clone


def upgrade_notes(template: Repository, old: str, new: str) -> list[Note]:
    """Return what the releases between two versions say to those who upgrade, newest first."""
    before = _notes(_changelog(template, old))
    return [note for note in _notes(_changelog(template, new)) if note not in before]


def asks(template: Repository, version: str, key: str) -> bool:
    """Tell whether a version of the template has a question, even if it is not always asked."""
    questions = template.git("show", f"{version}:copier.yml")
    return re.search(rf"^{re.escape(key)}:", questions, re.MULTILINE) is not None


def _changelog(template: Repository, version: str) -> str:
    try:
        return template.git("show", f"{version}:{_CHANGELOG}")
    except UpdateError:
        return ""


def _notes(changelog: str) -> list[Note]:
    releases = re.findall(r"^## (.+)\n((?:(?!## ).*\n?)*)", changelog, re.MULTILINE)
    found = (
        (release, re.search(r"^### Upgrading\n((?:(?!##).*\n?)*)", text, re.MULTILINE))
        for release, text in releases
    )
    return [Note(release.strip(), part[1].strip()) for release, part in found if part]
