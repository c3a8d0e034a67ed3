"""What can go wrong at the language model, by what the caller can do about it."""

from typing import ClassVar


class ModelError(Exception):
    """The model gave no complete answer."""

    code: ClassVar[str] = "model_unavailable"


class ModelThrottled(ModelError):
    """Too many requests, also after the bounded retries."""

    code = "model_throttled"


class ModelTimeout(ModelError):
    """The model did not answer, or fell silent, within its time."""

    code = "model_timeout"


class ModelRefused(ModelError):
    """The request will never succeed as it is: access, model id, or an invalid request."""

    code = "model_refused"


class ModelInterrupted(ModelError):
    """The answer was cut in the middle."""

    code = "model_interrupted"
