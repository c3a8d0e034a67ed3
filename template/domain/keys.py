"""How an identifier becomes part of a table key, and how it is read from one."""


def escape_key_part(value: str) -> str:
    """Return the value without `#`, which separates the parts of a key; distinct stays distinct."""
    return value.replace("%", "%25").replace("#", "%23")


def unescape_key_part(part: str) -> str:
    """Return the value that `escape_key_part` made the part of."""
    return part.replace("%23", "#").replace("%25", "%")
