"""The failures that a person or a client is told about, each with a stable code."""


class BusinessException(Exception):
    """A failure with a stable `code` for clients and a `message` in the bot's language."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
