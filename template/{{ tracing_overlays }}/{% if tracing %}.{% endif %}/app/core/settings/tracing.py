"""Settings of Langfuse; without keys nothing is sent."""

from typing import Self

from pydantic import SecretStr, model_validator

from app.core.settings.core import CoreSettings, Url


class TracingSettings(CoreSettings):
    """Where the traces go."""

    langfuse_host: Url = "https://cloud.langfuse.com"
    langfuse_public_key: str = ""
    langfuse_secret_key: SecretStr = SecretStr("")

    @property
    def sends_traces(self) -> bool:
        """Whether both keys are there."""
        return bool(self.langfuse_public_key and self.langfuse_secret_key.get_secret_value())

    @model_validator(mode="after")
    def _require_encryption_to_langfuse(self) -> Self:
        self.require_encryption("langfuse_host")
        return self
