"""Which web pages may talk to the bot."""

from collections.abc import Sequence
from urllib.parse import urlsplit


def is_allowed(origin: str | None, host: str | None, allowed: Sequence[str]) -> bool:
    """Tell whether a page of this origin may open a socket (RFC 6455, section 10.2).

    Args:
        origin: the Origin header; programs that are no browsers send none and are let in.
        host: the Host header; the bot's own pages are always let in.
    """
    if origin is None or "*" in allowed or origin in allowed:
        return True
    try:
        return host is not None and urlsplit(origin).netloc == host
    except ValueError:
        # No address at all, such as http://[
        return False
