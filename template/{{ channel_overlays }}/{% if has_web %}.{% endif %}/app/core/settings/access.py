"""Settings of who may talk to the bot from the web."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import NoDecode

from app.core.settings.core import CoreSettings, Url
from app.core.settings.named_keys import names_by_key


class AuthMode(StrEnum):
    NONE = "none"
    API_KEY = "api_key"
    JWT = "jwt"


class AccessSettings(CoreSettings):
    """Authentication, allowed origins and the chat page."""

    chat_page_enabled: bool = True
    auth_mode: AuthMode = AuthMode.NONE
    auth_api_keys: SecretStr = SecretStr("")
    auth_jwks_url: Url | None = None
    auth_jwt_issuer: str | None = None
    auth_jwt_audience: str | None = None
    allowed_origins: Annotated[tuple[str, ...], NoDecode] = Field(default=())

    @field_validator("allowed_origins", mode="before")
    @classmethod
    def _split_origins(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        return tuple(origin.strip().rstrip("/") for origin in value.split(",") if origin.strip())

    def api_key_users(self) -> dict[str, str]:
        """Return the user of each API key; `*` stands for a back end that names the user."""
        return names_by_key(self.auth_api_keys)

    @model_validator(mode="after")
    def _require_what_the_mode_needs(self) -> Self:
        if self.auth_mode is AuthMode.API_KEY:
            users = self.api_key_users()
            if not users or not all(key and user for key, user in users.items()):
                raise ValueError("AUTH_API_KEYS: write key:user,key:user for AUTH_MODE=api_key")
        if self.auth_mode is AuthMode.JWT:
            for name in ("auth_jwks_url", "auth_jwt_issuer", "auth_jwt_audience"):
                if not getattr(self, name):
                    raise ValueError(f"{name.upper()}: is needed with AUTH_MODE=jwt")
        return self

    @model_validator(mode="after")
    def _refuse_open_production(self) -> Self:
        if not self.is_production:
            return self
        if self.auth_mode is AuthMode.NONE:
            raise ValueError(
                "AUTH_MODE: none is refused with APP_ENV=production; use api_key or jwt"
            )
        unsafe = [o for o in self.allowed_origins if o == "*" or not o.startswith("https://")]
        if unsafe:
            raise ValueError(
                f"ALLOWED_ORIGINS: {unsafe[0]} is refused with APP_ENV=production;"
                " list https:// origins"
            )
        return self
