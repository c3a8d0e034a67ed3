"""Who may act as an operator: the credential is their own, not that of a user."""

import hmac
from collections.abc import Mapping

from app.core.service.operator import texts
from domain.exceptions.business_exception import BusinessException


class OperatorAuth:
    """Checks operator keys; the names they stand for go into the audit."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = {key.encode(): name for key, name in names.items()}

    @property
    def is_configured(self) -> bool:
        """Whether anybody can be an operator; without, there are no operator routes."""
        return bool(self._names)

    async def operator_of(self, token: str) -> str:
        """Return the name of the operator whose token it is.

        Raises:
            BusinessException: `unauthorized`.
        """
        presented = token.encode("utf-8", "surrogateescape")
        # Every key is compared, in constant time: the time tells nothing about which one is close.
        names = [n for key, n in self._names.items() if hmac.compare_digest(key, presented)]
        if not names:
            raise BusinessException("unauthorized", texts.UNAUTHORIZED)
        return names[0]
