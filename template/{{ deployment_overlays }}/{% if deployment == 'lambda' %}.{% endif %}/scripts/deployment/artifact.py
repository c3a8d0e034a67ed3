"""What a deploy brings into AWS: a zip package of the bot, or its image."""

import tempfile
from collections.abc import Mapping
from pathlib import Path

from scripts.deployment.account import Account
from scripts.deployment.console import Console
from scripts.deployment.image import NO_IMAGE, push_image, require_docker
from scripts.deployment.zip_package import Target, build_package, require_uv, upload_package

# The parameters of the stack that say which artifact runs.
PARAMETERS = ("ImageUri", "CodeBucket", "CodeKey", "Packaging", "PythonVersion")

_DOCKER_PLATFORMS = {"x86_64": "linux/amd64", "arm64": "linux/arm64"}


def require_tools(parameters: Mapping[str, str]) -> None:
    """Check what building needs, before anything happens.

    Raises:
        DeploymentError: it is not there.
    """
    if _is_image(parameters):
        require_docker()
    else:
        require_uv()


def assumed(parameters: Mapping[str, str]) -> dict[str, str]:
    """Return parameters that stand for an artifact which is not built yet."""
    if _is_image(parameters):
        return {"ImageUri": NO_IMAGE}
    return {"CodeBucket": "none", "CodeKey": "none"}


def build(
    account: Account,
    console: Console,
    artifacts: Mapping[str, str],
    parameters: Mapping[str, str],
    commit: str,
) -> dict[str, str]:
    """Build the artifact and bring it into AWS; returns the parameters of the stack that name it.

    `artifacts` are the outputs of the artifacts stack.

    Raises:
        DeploymentError: it could not be built, or something critical was found in it.
    """
    if _is_image(parameters):
        platform = _DOCKER_PLATFORMS[parameters.get("Architecture", "x86_64")]
        return {"ImageUri": push_image(account, console, artifacts, commit, platform)}
    is_local = account.emulator_url is not None
    architecture = parameters.get("Architecture", "x86_64")
    target = Target(parameters["PythonVersion"], architecture, is_this_machine=is_local)
    with tempfile.TemporaryDirectory(prefix="package-") as folder:
        package = build_package(target, Path(folder), console)
        key = upload_package(account, console, package, artifacts["BucketName"])
    return {"CodeBucket": artifacts["BucketName"], "CodeKey": key}


def _is_image(parameters: Mapping[str, str]) -> bool:
    return parameters.get("Packaging") == "image"
