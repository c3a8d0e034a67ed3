"""How an identifier becomes part of a table key."""


def escape_key_part(value: str) -> str:
    """Return the value without `#`, which separates the parts of a key; distinct stays distinct."""
    return value.replace("%", "%25").replace("#", "%23")
