"""What a deploy brings into AWS: the bot's image."""

from collections.abc import Mapping

from scripts.deployment.account import Account
from scripts.deployment.console import Console
from scripts.deployment.image import NO_IMAGE, push_image, require_docker

# The parameters of the stack that say which artifact runs.
PARAMETERS = ("ImageUri",)


def require_tools(parameters: Mapping[str, str]) -> None:
    """Check what building needs, before anything happens.

    Raises:
        DeploymentError: it is not there.
    """
    require_docker()


def assumed(parameters: Mapping[str, str]) -> dict[str, str]:
    """Return parameters that stand for an artifact which is not built yet."""
    return {"ImageUri": NO_IMAGE}


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
    return {"ImageUri": push_image(account, console, artifacts, commit)}
