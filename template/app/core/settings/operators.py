"""Settings of who may act as an operator."""

from typing import Self

from pydantic import SecretStr, model_validator

from app.core.settings.core import CoreSettings
from app.core.settings.named_keys import check_keys, names_by_key


class OperatorSettings(CoreSettings):
    """The people who go on with chats that are handed over to them."""

    operator_api_keys: SecretStr = SecretStr("")

    def operator_names(self) -> dict[str, str]:
        """Return the name of the operator of each key."""
        return names_by_key(self.operator_api_keys)

    @model_validator(mode="after")
    def _check_operator_keys(self) -> Self:
        check_keys("OPERATOR_API_KEYS", self.operator_api_keys, is_production=self.is_production)
        return self
