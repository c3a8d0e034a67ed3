"""Whether the account may use the Bedrock model, found out without asking the model anything."""

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from scripts.deployment import texts
from scripts.deployment.account import Account, error_code
from scripts.deployment.console import Console
from scripts.deployment.errors import DeploymentError

_DENIED = ("AccessDeniedException", "AccessDenied")
_UNKNOWN = ("ResourceNotFoundException", "ValidationException")
# A profile's id begins with where it is served from.
_PROFILE_AREAS = ("global", "us", "us-gov", "amer", "eu", "apac", "jp", "au", "sa", "ca")


def check_model_access(account: Account, console: Console, model_id: str) -> None:
    """Check the model or the inference profile; says so where that may not be asked.

    Raises:
        DeploymentError: the region has no such model, or the account has no access to it.
    """
    bedrock = account.client("bedrock")
    try:
        model = _foundation_model(bedrock, model_id)
        if model is None:
            return
        found = bedrock.get_foundation_model_availability(modelId=model)
    except ClientError as error:
        if error_code(error) in _UNKNOWN:
            raise DeploymentError(
                texts.MODEL_UNKNOWN.format(model=model_id, region=account.region)
            ) from error
        if error_code(error) not in _DENIED:
            raise
        console.say(texts.MODEL_NOT_CHECKED.format(model=model_id, error=error))
        return
    except BotoCoreError as error:
        console.say(texts.MODEL_NOT_CHECKED.format(model=model_id, error=error))
        return
    is_usable = (
        found["authorizationStatus"] == "AUTHORIZED"
        and found["entitlementAvailability"] == "AVAILABLE"
        and found["agreementAvailability"]["status"] in ("AVAILABLE", "PENDING")
    )
    if not is_usable:
        raise DeploymentError(texts.NO_MODEL_ACCESS.format(model=model_id, region=account.region))


def _foundation_model(bedrock: Any, model_id: str) -> str | None:
    """Return the model's own id; None for a model of the account's own, to which it has access."""
    name = model_id.rsplit("/", 1)[-1]
    is_profile = "inference-profile/" in model_id or name.split(".")[0] in _PROFILE_AREAS
    if not is_profile:
        is_own = model_id.startswith("arn:") and ":foundation-model/" not in model_id
        return None if is_own else name
    profile = bedrock.get_inference_profile(inferenceProfileIdentifier=model_id)
    return str(profile["models"][0]["modelArn"]).rsplit("/", 1)[-1]
