"""Settings of the WhatsApp Cloud API, named as Meta's dashboard names the values."""

from typing import Self

from pydantic import SecretStr, field_validator, model_validator

from app.core.settings.core import CoreSettings, Url
from domain.graph_versions import DEFAULT_GRAPH_VERSION, is_graph_version


class WhatsAppSettings(CoreSettings):
    """Identity and secrets of the WhatsApp number, and the queue of the people to answer."""

    whatsapp_phone_number_id: str = ""
    whatsapp_access_token: SecretStr = SecretStr("")
    whatsapp_verify_token: SecretStr = SecretStr("")
    whatsapp_app_secret: SecretStr = SecretStr("")
    whatsapp_graph_url: Url = "https://graph.facebook.com"
    whatsapp_graph_version: str = DEFAULT_GRAPH_VERSION
    whatsapp_queue_url: Url | None = None
    aws_endpoint_url_sqs: Url | None = None

    @property
    def whatsapp_waking(self) -> str:
        """Who answers: this process alone, or whoever takes from the queue."""
        return "in_process" if self.whatsapp_queue_url is None else "queue"

    @field_validator("whatsapp_graph_version")
    @classmethod
    def _require_version(cls, version: str) -> str:
        if not is_graph_version(version):
            raise ValueError(f"is a version of the Graph API, such as {DEFAULT_GRAPH_VERSION}")
        return version

    @model_validator(mode="after")
    def _require_secrets_and_encryption_in_production(self) -> Self:
        if self.is_production and not self.whatsapp_app_secret.get_secret_value():
            raise ValueError(
                "WHATSAPP_APP_SECRET: is needed with APP_ENV=production; without it every delivery"
                " is refused"
            )
        for name in ("whatsapp_verify_token", "whatsapp_access_token"):
            if self.is_production and not getattr(self, name).get_secret_value():
                raise ValueError(f"{name.upper()}: is needed with APP_ENV=production")
        self.require_encryption("whatsapp_graph_url", "whatsapp_queue_url", "aws_endpoint_url_sqs")
        return self

    @model_validator(mode="after")
    def _require_fifo_queue(self) -> Self:
        if self.whatsapp_queue_url is None:
            return self
        if not self.whatsapp_queue_url.endswith(".fifo"):
            raise ValueError(
                "WHATSAPP_QUEUE_URL: is the URL of an SQS FIFO queue, which ends in .fifo"
            )
        if self.local_aws:
            raise ValueError(
                "WHATSAPP_QUEUE_URL: leave it empty with LOCAL_AWS=true; the bot answers by itself"
            )
        return self
