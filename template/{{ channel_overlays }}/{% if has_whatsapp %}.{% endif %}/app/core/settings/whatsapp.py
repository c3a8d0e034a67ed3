"""Settings of the WhatsApp Cloud API, named as Meta's dashboard names the values."""

from typing import Self

from pydantic import SecretStr, model_validator

from app.core.settings.core import CoreSettings


class WhatsAppSettings(CoreSettings):
    """Identity and secrets of the WhatsApp number."""

    whatsapp_phone_number_id: str = ""
    whatsapp_access_token: SecretStr = SecretStr("")
    whatsapp_verify_token: SecretStr = SecretStr("")
    whatsapp_app_secret: SecretStr = SecretStr("")
    whatsapp_graph_url: str = "https://graph.facebook.com"

    @model_validator(mode="after")
    def _require_secret_in_production(self) -> Self:
        if self.is_production and not self.whatsapp_app_secret.get_secret_value():
            raise ValueError(
                "WHATSAPP_APP_SECRET: is needed with APP_ENV=production; without it every delivery"
                " is refused"
            )
        return self
