"""Every kind of message and event that the Cloud API delivers, and what the bot says to it."""

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from scripts.whatsapp_stand_in import Payload


class Expected(StrEnum):
    """What whoever sent it gets."""

    ANSWER = "the bot's answer"
    SENTENCE = "the sentence that asks for text"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Kind:
    """A message without its sender, id and time."""

    name: str
    content: dict[str, Any]
    expected: Expected


_MEDIA = {
    "id": "65463453",
    "mime_type": "image/jpeg",
    "sha256": "4654+8g=",
    "url": "https://a.example",
}
_ERRORS = [{"code": 131051, "title": "Message type unknown"}]
_AUDIO = {"id": "1", "mime_type": "audio/ogg; codecs=opus"}
_ORIGINAL = {"original_message_id": "wamid.B"}
_FORM = {"flow_token": "t", "topics": ["preço", "prazo"], "accept": True}


def _kinds(expected: Expected, contents: dict[str, dict[str, Any]]) -> tuple[Kind, ...]:
    return tuple(Kind(name, content, expected) for name, content in contents.items())


def _of(kind: str, content: object, **others: object) -> dict[str, Any]:
    return {"type": kind, kind: content, **others}


def _text(**others: object) -> dict[str, Any]:
    return _of("text", {"body": "Quanto custa?"}, **others)


KINDS: tuple[Kind, ...] = (
    *_kinds(
        Expected.ANSWER,
        {
            "text": _text(),
            "text of years ago": _text(timestamp="1480000000"),
            "text without its type": {"text": {"body": "Quanto custa?"}},
            "reply": _text(context={"from": "15550000000", "id": "wamid.B"}),
            "reply about a product": _text(
                context={"id": "wamid.B", "referred_product": {"catalog_id": "1"}}
            ),
            "forwarded": _text(context={"frequently_forwarded": True}),
            "referral of an advertisement": _text(
                referral={"source_type": "ad", "headline": "Chat", "ctwa_clid": "X"}
            ),
            "group of nobody": _text(group_id=None),
            "template button": _of("button", {"payload": "p", "text": "Sim"}),
            "interactive button": _of(
                "interactive", {"type": "button_reply", "button_reply": {"id": "1", "title": "Sim"}}
            ),
            "list": _of(
                "interactive", {"type": "list_reply", "list_reply": {"id": "1", "title": "Plano B"}}
            ),
            "flow": _of(
                "interactive",
                {
                    "type": "nfm_reply",
                    "nfm_reply": {
                        "name": "flow",
                        "body": "Sent",
                        "response_json": json.dumps(_FORM),
                    },
                },
            ),
            "image with words": _of("image", {**_MEDIA, "caption": "É este?"}),
            "video with words": _of("video", {**_MEDIA, "caption": "É este?"}),
            "document with words": _of("document", {**_MEDIA, "caption": "É este?"}),
            "order with words": _of("order", {"text": "Para hoje?", "product_items": []}),
        },
    ),
    *_kinds(
        Expected.SENTENCE,
        {
            "image": _of("image", _MEDIA),
            "voice": _of("audio", {**_AUDIO, "voice": True}),
            "audio": _of("audio", {**_AUDIO, "voice": False}),
            "video": _of("video", _MEDIA),
            "document": _of("document", {**_MEDIA, "filename": "a.pdf"}),
            "sticker": _of("sticker", {**_MEDIA, "animated": False}),
            "location": _of("location", {"latitude": 1.5, "longitude": 2, "name": "Loja"}),
            "contacts": _of("contacts", [{"name": {"formatted_name": "Ana"}}]),
            "order": _of("order", {"catalog_id": "1", "product_items": [{"quantity": 1}]}),
            "interactive of next year": _of("interactive", {"type": "poll_reply"}),
            "interactive without its type": _of("interactive", {"type": []}),
            "unsupported": {"type": "unsupported", "errors": _ERRORS},
            "unsupported poll": _of("unsupported", {"type": "poll_creation"}, errors=_ERRORS),
            "unknown": {"type": "unknown", "errors": _ERRORS},
            "ephemeral": {"type": "ephemeral"},
            "neither type nor content": {},
            "kind of next year": _of("hologram", {"id": "1"}),
        },
    ),
    *_kinds(
        Expected.NOTHING,
        {
            "reaction": _of("reaction", {"message_id": "wamid.B", "emoji": "👍"}),
            "reaction taken back": _of("reaction", {"message_id": "wamid.B"}),
            "reaction taken back, empty": _of("reaction", {"message_id": "wamid.B", "emoji": ""}),
            "edit": _of("edit", {**_ORIGINAL, "message": {"type": "text", "text": {"body": "b"}}}),
            "edit that is not described": _of("unsupported", {"type": "edit"}, errors=_ERRORS),
            "revoke": _of("revoke", _ORIGINAL),
            "request welcome": {"type": "request_welcome"},
            "permission for calls": _of("interactive", {"type": "call_permission_reply"}),
            "changed number": _of("system", {"type": "user_changed_number", "wa_id": "5521"}),
            "changed identity": _of("system", {"type": "customer_identity_changed"}),
            "changed scoped id": _of("system", {"type": "user_changed_user_id", "user_id": "BR.0"}),
            "message of a group": _text(group_id="Y2FwaV9ncm91cDo"),
            "number of ours": _text(**{"from": "+1 (555) 000-0000"}),
            "no id": _text(id=None),
        },
    ),
)

_ECHO = {"from": "15550000000", "to": "5511999990000", "id": "wamid.E", **_text()}

# Values of the fields that the bot does not answer, whatever stands in them.
OTHER_FIELDS: dict[str, Payload] = {
    "smb_message_echoes": {"message_echoes": [_ECHO]},
    "message_echoes": {"message_echoes": [_ECHO], "messages": [_ECHO]},
    "history": {"history": [{"threads": [{"id": "5511", "messages": [_ECHO]}]}]},
    "smb_app_state_sync": {"state_sync": [{"type": "contact"}]},
    "calls": {"calls": [{"id": "wacid.A", "event": "connect", "from": "5511999990000"}]},
    "account_update": {"event": "VERIFIED_ACCOUNT"},
    "account_alerts": {"entity_type": "BUSINESS"},
    "message_template_status_update": {"event": "APPROVED", "message_template_id": 1},
    "message_template_quality_update": {"new_quality_score": "GREEN"},
    "phone_number_quality_update": {"event": "FLAGGED"},
    "phone_number_name_update": {"decision": "APPROVED"},
    "group_lifecycle_update": {"groups": [{"group_id": "1"}]},
    "group_participants_update": {"groups": [{"group_id": "1"}]},
    "user_preferences": {"user_preferences": [{"value": "stop"}]},
    "messaging_handovers": {"messages": [_ECHO]},
    "standby": {"messages": [_ECHO]},
    "a_field_of_next_year": {"messages": [_ECHO]},
}

STATUSES: tuple[Payload, ...] = (
    *({"id": "wamid.R", "status": status} for status in ("sent", "delivered", "read", "played")),
    {"id": "wamid.R", "status": "read", "recipient_user_id": "BR.1"},
    {"id": "wamid.R", "status": "failed", "errors": [{"code": 131047}]},
)
