class LocalAwsError(Exception):
    """MiniStack cannot serve the bot; the message says what the developer can do about it."""
