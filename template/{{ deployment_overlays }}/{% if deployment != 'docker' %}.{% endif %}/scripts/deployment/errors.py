class DeploymentError(Exception):
    """A command cannot go on; the message says why and what to do next."""


class CheckFailed(Exception):
    """The deployed bot does not do what it should; the message says what it did instead."""
