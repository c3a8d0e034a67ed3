"""Operators by key, or by a token of AUTH_MODE=jwt that bears their role."""

from collections.abc import Mapping

from app.core.service.auth.auth_service import AuthService
from app.core.service.operator.operator_auth import OperatorAuth
from domain.exceptions.business_exception import BusinessException

_ROLE = "operator"


class TokenOperatorAuth(OperatorAuth):
    """Takes operator keys and, with AUTH_MODE=jwt, tokens with the role `operator`."""

    def __init__(self, names: Mapping[str, str], tokens: AuthService) -> None:
        super().__init__(names)
        self._tokens = tokens

    @property
    def is_configured(self) -> bool:
        return super().is_configured or self._tokens.has_roles

    async def operator_of(self, token: str) -> str:
        try:
            return await super().operator_of(token)
        except BusinessException:
            subject = await self._tokens.subject_with_role(token, _ROLE)
            if subject is None:
                raise
            return subject
