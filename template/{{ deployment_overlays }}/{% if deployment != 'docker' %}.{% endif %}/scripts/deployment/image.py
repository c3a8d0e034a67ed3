"""The bot's image in the account's registry: built from the commit, pushed once, and scanned."""

import base64
import os
import shutil
import subprocess
import time
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from scripts.deployment import texts
from scripts.deployment.account import Account, error_code
from scripts.deployment.console import Console
from scripts.deployment.errors import DeploymentError

# Stands for an image that is not built yet, in the form that the stack takes.
NO_IMAGE = f"none@sha256:{'0' * 64}"
_DOCKER_ANSWERS_SECONDS = 20
_LOGIN_SECONDS = 60
_BUILD_SECONDS = 1800
_PUSH_SECONDS = 1800
_SCAN_SECONDS = 300.0
_SCAN_POLL_SECONDS = 5.0
_SEVERITIES = ("CRITICAL", "HIGH", "MEDIUM", "LOW", "INFORMATIONAL", "UNDEFINED")


def require_docker() -> str:
    """Return the path of docker.

    Raises:
        DeploymentError: it is not installed, or its engine does not answer.
    """
    docker = shutil.which("docker")
    if docker is None:
        raise DeploymentError(texts.DOCKER_MISSING)
    try:
        asked = subprocess.run(  # noqa: S603 - our own command
            [docker, "version", "--format", "{{.Server.Version}}"],
            capture_output=True,
            timeout=_DOCKER_ANSWERS_SECONDS,
        )
    except subprocess.TimeoutExpired:
        raise DeploymentError(texts.DOCKER_SILENT) from None
    if asked.returncode:
        raise DeploymentError(texts.DOCKER_SILENT)
    return docker


def push_image(
    account: Account,
    console: Console,
    repository: Mapping[str, str],
    commit: str,
    platform: str = "linux/amd64",
) -> str:
    """Build and push the image of the commit, unless it is there; returns its address with digest.

    `repository` are the outputs of the artifacts stack. ALLOW_CRITICAL_FINDINGS=true lets an image
    with critical findings pass.

    Raises:
        DeploymentError: docker fails, or the scan found something critical.
    """
    ecr = account.client("ecr")
    name, uri = repository["RepositoryName"], repository["RepositoryUri"]
    digest = _pushed_digest(ecr, name, commit)
    if digest is None:
        _build_and_push(ecr, console, uri, commit, platform)
        digest = _pushed_digest(ecr, name, commit)
        if digest is None:
            raise DeploymentError(texts.IMAGE_NOT_THERE.format(image=f"{uri}:{commit}"))
    else:
        console.say(texts.IMAGE_THERE.format(commit=commit))
    _report_scan(ecr, console, name, digest)
    return f"{uri}@{digest}"


def _pushed_digest(ecr: Any, repository: str, tag: str) -> str | None:
    try:
        found = ecr.describe_images(repositoryName=repository, imageIds=[{"imageTag": tag}])
    except ClientError as error:
        if error_code(error) == "ImageNotFoundException":
            return None
        raise
    return str(found["imageDetails"][0]["imageDigest"])


def _build_and_push(ecr: Any, console: Console, uri: str, commit: str, platform: str) -> None:
    docker, image = require_docker(), f"{uri}:{commit}"
    labels = ["--build-arg", f"VERSION={commit}"]
    login = ecr.get_authorization_token()["authorizationData"][0]
    user, _, password = base64.b64decode(login["authorizationToken"]).decode().partition(":")
    registry = login["proxyEndpoint"].removeprefix("https://")
    _docker(
        [docker, "login", "--username", user, "--password-stdin", registry],
        _LOGIN_SECONDS,
        password,
    )
    console.say(texts.IMAGE_BUILDING)
    build = [docker, "build", "--platform", platform, *labels, "--tag", image, "."]
    _docker(build, _BUILD_SECONDS)
    console.say(texts.IMAGE_PUSHING)
    _docker([docker, "push", image], _PUSH_SECONDS)


def _docker(command: list[str], seconds: int, secret: str | None = None) -> None:
    # Attestations would make the image an index, which not every service of AWS runs.
    environment = {**os.environ, "BUILDX_NO_DEFAULT_ATTESTATIONS": "1"}
    try:
        done = subprocess.run(  # noqa: S603 - our own command
            command, env=environment, input=secret, text=True, timeout=seconds
        )
    except subprocess.TimeoutExpired:
        raise DeploymentError(
            texts.DOCKER_TOO_SLOW.format(command=command[1], minutes=seconds // 60)
        ) from None
    if done.returncode:
        raise DeploymentError(texts.DOCKER_FAILED.format(command=command[1]))


def _report_scan(ecr: Any, console: Console, repository: str, digest: str) -> None:
    """Wait for the scan's end, at most five minutes, and print how much it found."""
    counts = _scan_counts(ecr, repository, digest)
    if counts is None:
        console.say(texts.SCAN_UNFINISHED)
        return
    found = [f"{severity} {counts[severity]}" for severity in _SEVERITIES if counts.get(severity)]
    console.say(texts.SCAN_FINDINGS.format(findings=", ".join(found) or texts.SCAN_CLEAN))
    if counts.get("CRITICAL") and os.environ.get("ALLOW_CRITICAL_FINDINGS") != "true":
        raise DeploymentError(texts.SCAN_CRITICAL.format(repository=repository, digest=digest))


def _scan_counts(ecr: Any, repository: str, digest: str) -> Mapping[str, int] | None:
    """Return the number of findings by severity, or None if the scan gives none in time."""
    deadline = time.monotonic() + _SCAN_SECONDS
    while time.monotonic() < deadline:
        try:
            scan = ecr.describe_image_scan_findings(
                repositoryName=repository, imageId={"imageDigest": digest}
            )
        except ClientError as error:
            if error_code(error) != "ScanNotFoundException":
                raise
        else:
            status = scan["imageScanStatus"]["status"]
            # ACTIVE is what enhanced scanning says when it is through.
            if status in ("COMPLETE", "ACTIVE"):
                counts: Mapping[str, int] = scan["imageScanFindings"]["findingSeverityCounts"]
                return counts
            if status not in ("IN_PROGRESS", "PENDING"):
                return None
        time.sleep(_SCAN_POLL_SECONDS)
    return None
