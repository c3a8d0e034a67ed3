"""Settings of who may talk to the bot from the web."""

import re
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import NoDecode

from app.core.settings.core import Url
from app.core.settings.named_keys import check_keys, names_by_key
from app.core.settings.operators import OperatorSettings

_ORIGIN = re.compile(r"https://[^\s/?#@]+")


class AuthMode(StrEnum):
    NONE = "none"
    API_KEY = "api_key"
    JWT = "jwt"


class AccessSettings(OperatorSettings):
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
            if not users:
                raise ValueError("AUTH_API_KEYS: write key:user,key:user for AUTH_MODE=api_key")
            check_keys("AUTH_API_KEYS", self.auth_api_keys, is_production=self.is_production)
            if users.keys() & self.operator_names().keys():
                raise ValueError(
                    "AUTH_API_KEYS: one of the keys is in OPERATOR_API_KEYS, too; an operator needs"
                    " a key of their own"
                )
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
        unsafe = [o for o in self.allowed_origins if not _ORIGIN.fullmatch(o)]
        if unsafe:
            raise ValueError(
                f"ALLOWED_ORIGINS: {unsafe[0]} is refused with APP_ENV=production;"
                " list origins such as https://example.org, without a path"
            )
        self.require_encryption("auth_jwks_url")
        return self
