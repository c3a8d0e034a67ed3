"""The commit that is deployed."""

import shutil
import subprocess

from scripts.deployment import texts
from scripts.deployment.errors import DeploymentError

_GIT_SECONDS = 30


def clean_commit() -> str:
    """Return the commit, which is all that is deployed.

    Raises:
        DeploymentError: there is no commit, or something is not committed.
    """
    commit = _run("rev-parse", "--verify", "HEAD")
    if changed := _run("status", "--porcelain"):
        first = changed.splitlines()[0][3:]
        raise DeploymentError(texts.NOT_COMMITTED.format(path=first))
    return commit


def _run(*arguments: str) -> str:
    git = shutil.which("git")
    if git is None:
        raise DeploymentError(texts.GIT_MISSING)
    done = subprocess.run(  # noqa: S603 - our own command
        [git, *arguments],
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=_GIT_SECONDS,
    )
    if done.returncode:
        raise DeploymentError(texts.NO_COMMIT)
    return done.stdout.strip("\n")
