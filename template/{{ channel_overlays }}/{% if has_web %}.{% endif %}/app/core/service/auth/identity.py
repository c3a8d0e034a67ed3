"""For whom a credential speaks."""

from dataclasses import dataclass, field

from app.core.errors import business_error
from app.core.service.auth import texts
from app.core.service.chat.question_check import MAX_ID_CHARACTERS, is_valid_id
from domain.exceptions.business_exception import BusinessException


@dataclass(frozen=True, slots=True)
class Identity:
    """Who is calling: one user, or (None) a caller who names the user in each request.

    A credential that expires says when it stops being accepted, in seconds since 1970.
    """

    user_id: str | None
    expires_at: float | None = field(default=None, compare=False)

    def user_for(self, requested: str | None) -> str:
        """Return the user of a request that names `requested`, or nobody.

        Raises:
            BusinessException: nobody is named by either, another user than the credential's, or
                one that is no valid id.
        """
        user_id = self.user_id or requested
        if user_id is None:
            raise BusinessException("user_id_required", texts.USER_ID_REQUIRED)
        if requested is not None and requested != user_id:
            raise BusinessException("forbidden", texts.FORBIDDEN)
        if not is_valid_id(user_id):
            raise business_error("invalid_id", field="user_id", limit=MAX_ID_CHARACTERS)
        return user_id


ANYBODY = Identity(user_id=None)


def unauthorized() -> BusinessException:
    """Return the one answer to every bad credential: it tells nothing about why."""
    return BusinessException("unauthorized", texts.UNAUTHORIZED)


def issuer_unavailable() -> BusinessException:
    """Return what is said of a token that cannot be checked now; it may well be good."""
    return BusinessException("issuer_unavailable", texts.ISSUER_UNAVAILABLE)
