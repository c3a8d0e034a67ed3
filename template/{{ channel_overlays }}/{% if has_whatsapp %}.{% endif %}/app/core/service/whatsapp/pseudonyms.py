"""Names for people and messages in logs, from which neither can be recovered without the secret."""

import hashlib
import hmac

_HEX_DIGITS = 16


class Pseudonyms:
    """A keyed hash: the same identifier has the same name in every line and on every machine.

    A plain hash would not do, because all phone numbers can be tried. Message ids are hashed too:
    inside a `wamid` is the sender's number.
    """

    def __init__(self, secret: str) -> None:
        self._key = secret.encode()

    def of(self, identifier: str) -> str:
        digest = hmac.new(self._key, identifier.encode("utf-8", "replace"), hashlib.sha256)
        return digest.hexdigest()[:_HEX_DIGITS]
