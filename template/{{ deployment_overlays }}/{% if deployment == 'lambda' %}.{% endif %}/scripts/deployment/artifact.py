"""What a deploy brings into AWS: a zip package of the bot, or its image."""

import tempfile
from collections.abc import Mapping
from pathlib import Path

from scripts.deployment.account import Account
from scripts.deployment.console import Console
from scripts.deployment.image import push_image, require_docker
from scripts.deployment.zip_package import Target, build_package, require_uv, upload_package

# The parameters of the stack that say which artifact runs.
PARAMETERS = ("ImageUri", "CodeBucket", "CodeKey", "Packaging", "PythonVersion")


def require_tools(parameters: Mapping[str, str]) -> None:
    """Check what building needs, before anything happens.

    Raises:
        DeploymentError: it is not there.
    """
    if _is_image(parameters):
        require_docker()
    else:
        require_uv()


def assumed(parameters: Mapping[str, str], commit: str) -> dict[str, str]:
    """Return parameters that stand for an artifact which is not built yet."""
    if _is_image(parameters):
        return {"ImageUri": f"image:{commit}"}
    return {"CodeBucket": "artifacts", "CodeKey": f"{commit}.zip"}


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
        return {"ImageUri": push_image(account, console, artifacts, commit)}
    is_local = account.emulator_url is not None
    target = Target(parameters["PythonVersion"], is_this_machine=is_local)
    with tempfile.TemporaryDirectory(prefix="package-") as folder:
        package = build_package(target, Path(folder), console)
        key = upload_package(account, console, package, artifacts["BucketName"])
    return {"CodeBucket": artifacts["BucketName"], "CodeKey": key}


def _is_image(parameters: Mapping[str, str]) -> bool:
    return parameters.get("Packaging") == "image"
