"""Who may use the operators' routes."""

from typing import Annotated

from fastapi import Depends, Header, HTTPException

from app.core.service.operator import texts
from app.core.service.operator.operator_auth import OperatorAuth
from domain.exceptions.business_exception import BusinessException
from interface.dependencies import Container

# A browser says where a request comes from; what is no browser says nothing.
_OWN_SITE = frozenset({"same-origin", "none", ""})


async def _operator_auth(container: Container) -> OperatorAuth:
    auth: OperatorAuth = container.operator_auth()
    return auth


async def require_operators(auth: Annotated[OperatorAuth, Depends(_operator_auth)]) -> None:
    """Answer 404 where nobody can be an operator."""
    if not auth.is_configured:
        raise HTTPException(404)


async def _operator(
    auth: Annotated[OperatorAuth, Depends(_operator_auth)],
    authorization: Annotated[str, Header()] = "",
    sec_fetch_site: Annotated[str, Header()] = "",
) -> str:
    """Return the operator's name; the credential is no cookie, so no other site can send it along."""
    await require_operators(auth)
    if sec_fetch_site not in _OWN_SITE:
        raise BusinessException("cross_site", texts.CROSS_SITE)
    scheme, _, token = authorization.partition(" ")
    return await auth.operator_of(token if scheme.lower() == "bearer" else "")


Operator = Annotated[str, Depends(_operator)]
