"""The Graph API as the set-up check asks it: everything in order, but for what a test changes."""

import copy
import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.support.wire_server import Exchange, WireRequest, WireServer

NUMBER_ID, ACCOUNT_ID, APP_ID = "1122334455667", "100200300", "4455"
TOKEN, APP_SECRET = "EAAx-token-of-the-test", "app-secret-of-the-test"
WEBHOOK = "https://bot.example.com/webhook/whatsapp"

IN_ORDER: dict[str, Any] = {
    "debug_token": {
        "data": {
            "app_id": APP_ID,
            "is_valid": True,
            "expires_at": 0,
            "scopes": ["whatsapp_business_management", "whatsapp_business_messaging"],
            "granular_scopes": [
                {"scope": "whatsapp_business_management", "target_ids": [ACCOUNT_ID]}
            ],
        }
    },
    "me": {"id": "1"},
    NUMBER_ID: {
        "id": NUMBER_ID,
        "display_phone_number": "+55 11 99999-0000",
        "verified_name": "Loja",
        "name_status": "APPROVED",
        "status": "CONNECTED",
        "quality_rating": "GREEN",
    },
    f"{NUMBER_ID}?health_status": {
        "health_status": {
            "can_send_message": "AVAILABLE",
            "entities": [
                {"entity_type": "WABA", "id": ACCOUNT_ID, "can_send_message": "AVAILABLE"},
                {"entity_type": "APP", "id": APP_ID, "can_send_message": "AVAILABLE"},
            ],
        }
    },
    f"{ACCOUNT_ID}/subscribed_apps": {
        "data": [{"whatsapp_business_api_data": {"id": APP_ID, "name": "Bot"}}]
    },
    f"{APP_ID}/subscriptions": {
        "data": [
            {
                "object": "whatsapp_business_account",
                "callback_url": WEBHOOK,
                "active": True,
                "fields": [{"name": "messages", "version": "v26.0"}],
            }
        ]
    },
}


def refused(code: int, message: str = "refused") -> dict[str, Any]:
    """Return an error as Meta words it."""
    return {"error": {"message": f"(#{code}) {message}", "type": "OAuthException", "code": code}}


class MetaFake(WireServer):
    """Answers each question with what `answers` holds for it; None drops the connection."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = copy.deepcopy(IN_ORDER)
        self.version = "v26.0"
        super().__init__()

    async def answer(self, request: WireRequest, exchange: Exchange) -> None:
        url = urlsplit(request.path)
        fields = parse_qs(url.query).get("fields", [""])[0]
        question = url.path.removeprefix("/v26.0/")
        answer = self.answers.get(f"{question}?{fields}", self.answers.get(question))
        if answer is None:
            exchange.cut()
        elif isinstance(answer, str):
            await exchange.respond(500, answer.encode())
        else:
            status = 400 if "error" in answer else 200
            headers = {"facebook-api-version": self.version, "content-type": "application/json"}
            await exchange.respond(status, json.dumps(answer).encode(), headers)
