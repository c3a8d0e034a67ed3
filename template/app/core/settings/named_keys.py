"""Settings of the form `key:name,key:name`."""

from pydantic import SecretStr


def names_by_key(secret: SecretStr) -> dict[str, str]:
    """Return the name beside each key; what is missing is empty."""
    entries = [entry.strip() for entry in secret.get_secret_value().split(",")]
    pairs = [entry.partition(":") for entry in entries if entry]
    return {key: name for key, _, name in pairs}
