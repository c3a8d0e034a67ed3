"""Settings of Langfuse; without keys nothing is sent."""

from pydantic import SecretStr

from app.core.settings.core import CoreSettings


class TracingSettings(CoreSettings):
    """Where the traces go."""

    langfuse_host: str = "https://cloud.langfuse.com"
    langfuse_public_key: str = ""
    langfuse_secret_key: SecretStr = SecretStr("")
