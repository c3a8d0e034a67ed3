"""Meta's signature of a delivery: `sha256=` and the HMAC-SHA256 of the body in hexadecimal digits.

The key is the app secret, the message the raw bytes: Meta escapes characters (`\\u00e9`, `\\/`) in its
own way, so that JSON written anew never matches.
https://developers.facebook.com/docs/graph-api/webhooks/getting-started#event-notifications
"""

import hashlib
import hmac
import re

SIGNATURE_HEADER = "X-Hub-Signature-256"

_SIGNATURE = re.compile(r"sha256=([0-9a-fA-F]{64})", re.ASCII)


def sign(app_secret: str, body: bytes) -> str:
    """Return the value of the signature header for a body."""
    return f"sha256={_digest(app_secret, body).hex()}"


def is_well_formed(signature: str) -> bool:
    """Tell whether the header could be a signature at all, before its body is read."""
    return _SIGNATURE.fullmatch(signature) is not None


def is_authentic(app_secret: str, body: bytes, signature: str) -> bool:
    """Tell, in constant time, whether the body was signed with the secret; never without one."""
    match = _SIGNATURE.fullmatch(signature)
    if match is None or not app_secret:
        return False
    return hmac.compare_digest(bytes.fromhex(match[1]), _digest(app_secret, body))


def _digest(app_secret: str, body: bytes) -> bytes:
    return hmac.new(app_secret.encode(), body, hashlib.sha256).digest()
