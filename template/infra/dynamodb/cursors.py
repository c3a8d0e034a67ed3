"""Cursors of listings: a place in the order of sort keys, opaque to whoever pages."""

import base64
import binascii

from domain.exceptions.storage import InvalidCursor

# DynamoDB's limit; it refuses a longer key as a whole, which would look as if it were away.
_MAX_SORT_KEY_BYTES = 1024


def cursor_after(sort_key: str) -> str:
    """Return the cursor of what follows the item with this sort key."""
    return base64.urlsafe_b64encode(sort_key.encode()).decode().rstrip("=")


def sort_key_of(cursor: str, prefix: str) -> str:
    """Return the sort key after which to continue.

    Raises:
        InvalidCursor: it is none of this listing, whose sort keys begin with the prefix.
    """
    try:
        sort_key = base64.b64decode(
            cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True
        ).decode()
    except (binascii.Error, ValueError) as error:
        raise InvalidCursor(cursor[:20]) from error
    if not sort_key.startswith(prefix) or len(sort_key.encode()) > _MAX_SORT_KEY_BYTES:
        raise InvalidCursor(cursor[:20])
    return sort_key
