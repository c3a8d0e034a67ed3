"""How a turn with the deployed bot can go wrong."""

from scripts.deployment import web_texts
from scripts.deployment.errors import CheckFailed


def turn_failure(code: object, message: object) -> CheckFailed:
    """Return the failure of a turn that ended with this error."""
    text = web_texts.TURN_FAILED.format(code=code, message=message)
    return CheckFailed(f"{text} {web_texts.MODEL_HINT}" if code == "model_refused" else text)
