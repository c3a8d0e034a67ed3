"""The user id that a person on WhatsApp has in the bot's chats."""

_PREFIX = "whatsapp_"


def user_id_of(person: str) -> str:
    """Return the user id of the person with this key."""
    return f"{_PREFIX}{person}"


def person_of(user_id: str) -> str | None:
    """Return the key of the person with this user id; None if the user is not of WhatsApp."""
    return user_id.removeprefix(_PREFIX) if user_id.startswith(_PREFIX) else None
