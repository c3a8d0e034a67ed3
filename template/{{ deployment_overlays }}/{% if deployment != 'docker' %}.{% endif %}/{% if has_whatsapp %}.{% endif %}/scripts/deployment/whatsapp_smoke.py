"""Checks of the WhatsApp channel, from outside; a whole turn would need a person's telephone."""

import httpx

from scripts.deployment import texts
from scripts.deployment.deployed_bot import Check, DeployedBot
from scripts.deployment.errors import CheckFailed

_REFUSALS = (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN)


def _refuses_unsigned_deliveries(bot: DeployedBot) -> None:
    delivery = {"object": "whatsapp_business_account", "entry": []}
    response = bot.http.post(bot.outputs["WebhookUrl"], json=delivery)
    if response.status_code not in _REFUSALS:
        raise CheckFailed(texts.NOT_REFUSED.format(status=response.status_code))


CHECKS = [
    Check(texts.CHECK_REFUSES.format(where="/webhook/whatsapp"), _refuses_unsigned_deliveries)
]
