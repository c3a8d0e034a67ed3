"""Settings of the form `key:name,key:name`."""

from pydantic import SecretStr

# Not to be guessed: `secrets.token_urlsafe(32)` makes 43.
MIN_KEY_CHARACTERS = 16


def names_by_key(secret: SecretStr) -> dict[str, str]:
    """Return the name beside each key; what is missing is empty."""
    return dict(_pairs(secret))


def check_keys(setting: str, secret: SecretStr, *, is_production: bool) -> None:
    """Check that every key has a name, stands there once, and in production is hard to guess.

    Raises:
        ValueError: says what to write in the setting; it tells no key.
    """
    pairs = _pairs(secret)
    if not all(key and name for key, name in pairs):
        raise ValueError(f"{setting}: write key:name,key:name")
    if len(dict(pairs)) < len(pairs):
        raise ValueError(f"{setting}: the same key stands there twice; give each name its own")
    if is_production and any(len(key) < MIN_KEY_CHARACTERS for key, _ in pairs):
        raise ValueError(
            f"{setting}: with APP_ENV=production each key has {MIN_KEY_CHARACTERS} characters or"
            " more"
        )


def _pairs(secret: SecretStr) -> list[tuple[str, str]]:
    entries = [entry.strip() for entry in secret.get_secret_value().split(",")]
    parts = [entry.partition(":") for entry in entries if entry]
    return [(key, name) for key, _, name in parts]
