"""Reading a webhook delivery of the WhatsApp Cloud API.

Tolerant on purpose: Meta adds kinds and fields at any time, and one delivery may carry messages of
many people. What cannot be understood is left out or unsupported, and spoils nothing next to it.
Shapes: https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from domain.dto.whatsapp import (
    FailedDelivery,
    InboundMessage,
    MessageKind,
    SenderIdentity,
    WebhookDelivery,
)
from domain.exceptions.whatsapp import InvalidDelivery
from domain.keys import escape_key_part

# Meta's ids have up to 131 characters; two of these have to fit a table key of 1,024 bytes.
_MAX_ID_BYTES = 256
# A WhatsApp message has at most 4,096 characters, a filled form somewhat more.
_MAX_TEXT_CHARACTERS = 32_768
_MAX_NAME_CHARACTERS = 256
# Seconds since 1970 with at most eleven digits: anything else is no time of Meta's.
_TIMESTAMP = re.compile(r"[0-9]{1,11}", re.ASCII)
_BUSINESS_SCOPED_ID = re.compile(r"[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}", re.ASCII)

_SILENT_TYPES = frozenset({"reaction", "system", "edit", "revoke", "request_welcome"})
_SILENT_INTERACTIVE_TYPES = frozenset({"call_permission_reply"})


@dataclass(slots=True)
class _Harvest:
    messages: list[InboundMessage] = field(default_factory=list)
    failed_deliveries: list[FailedDelivery] = field(default_factory=list)
    receivers: set[str] = field(default_factory=set)
    silent: int = 0
    dropped: int = 0


def read_delivery(body: bytes) -> WebhookDelivery:
    """Take the body of a delivery apart: every entry, change, message and status, in order.

    Raises:
        InvalidDelivery: the body is not JSON, nested too deeply, or not an object.
    """
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:  # also bad UTF-8 and numbers of 5,000 digits
        raise InvalidDelivery(type(error).__name__) from error
    if not isinstance(document, dict):
        raise InvalidDelivery("the body is not an object")
    harvest = _Harvest()
    for entry in _objects(document.get("entry")):
        for change in _objects(entry.get("changes")):
            # Echoes, history, calls and account events come in fields of their own.
            if change.get("field", "messages") == "messages":
                _read_change(_object(change.get("value")), harvest)
            else:
                harvest.silent += 1
    return WebhookDelivery(
        messages=tuple(harvest.messages),
        failed_deliveries=tuple(harvest.failed_deliveries),
        silent=harvest.silent,
        dropped=harvest.dropped,
        receivers=frozenset(harvest.receivers),
    )


def _read_change(value: dict[str, Any], harvest: _Harvest) -> None:
    metadata = _object(value.get("metadata"))
    contacts = list(_objects(value.get("contacts")))
    own_number = _identifier(metadata.get("display_phone_number"))
    before = len(harvest.messages)
    for raw in _list(value.get("messages")):
        message = _object(raw)
        kind_and_text = _kind_and_text(message)
        # A message from our own number is an echo, one of a group is not meant for the bot.
        is_echo = own_number is not None and _identifier(message.get("from")) == own_number
        if kind_and_text is None or is_echo or "group_id" in message:
            harvest.silent += 1
            continue
        message_id = _identifier(message.get("id"))
        sender = _sender(message, contacts)
        if message_id is None or sender is None:
            harvest.dropped += 1
            continue
        harvest.messages.append(
            InboundMessage(
                message_id=message_id,
                sender=sender,
                kind=kind_and_text[0],
                text=kind_and_text[1],
                sent_at=_timestamp(message.get("timestamp")),
                profile_name=_profile_name(sender, contacts),
            )
        )
    receiver = _identifier(metadata.get("phone_number_id"))
    if receiver is not None and len(harvest.messages) > before:
        harvest.receivers.add(receiver)
    for status in _objects(value.get("statuses")):
        harvest.silent += 1
        message_id = _identifier(status.get("id"))
        if status.get("status") == "failed" and message_id is not None:
            harvest.failed_deliveries.append(FailedDelivery(message_id, _error_code(status)))


def _kind_and_text(message: dict[str, Any]) -> tuple[MessageKind, str] | None:
    """Return what the message asks, `unsupported` if nothing can be read, None if it is silent."""
    match message.get("type"):
        case str(silent) if silent in _SILENT_TYPES:
            return None
        case "text":
            text = _text(_object(message.get("text")).get("body"))
        case "button":
            button = _object(message.get("button"))
            text = _text(button.get("text")) or _text(button.get("payload"))
        case "interactive":
            interactive = _object(message.get("interactive"))
            if interactive.get("type") in _SILENT_INTERACTIVE_TYPES:
                return None
            text = _interactive_text(interactive)
        case _:
            text = ""
    return (MessageKind.QUESTION, text) if text else (MessageKind.UNSUPPORTED, "")


def _interactive_text(interactive: dict[str, Any]) -> str:
    for reply in ("button_reply", "list_reply"):
        if title := _text(_object(interactive.get(reply)).get("title")):
            return title
    form = _object(interactive.get("nfm_reply"))
    return _form_text(form.get("response_json")) or _text(form.get("body"))


def _form_text(response_json: object) -> str:
    """Return a filled form as one `field: value` a line, without the token that Meta adds."""
    try:
        fields = json.loads(response_json) if isinstance(response_json, str) else response_json
    except (ValueError, RecursionError):
        return ""
    lines = [
        f"{name}: {value}"
        for name, value in _object(fields).items()
        if name != "flow_token" and isinstance(value, str | int | float)
    ]
    return _text("\n".join(lines))


def _sender(message: dict[str, Any], contacts: list[dict[str, Any]]) -> SenderIdentity | None:
    phone = _identifier(message.get("from"))
    user_id = _identifier(message.get("from_user_id"))
    if phone is not None and _BUSINESS_SCOPED_ID.fullmatch(phone):
        phone, user_id = None, user_id or phone
    contact = _contact_of(phone, user_id, contacts)
    wa_id = _identifier(contact.get("wa_id"))
    if phone is None and wa_id is not None and not _BUSINESS_SCOPED_ID.fullmatch(wa_id):
        phone = wa_id
    user_id = user_id or _identifier(contact.get("user_id"))
    if phone is None and user_id is None:
        return None
    return SenderIdentity(phone=phone, business_scoped_id=user_id)


def _contact_of(
    phone: str | None, user_id: str | None, contacts: list[dict[str, Any]]
) -> dict[str, Any]:
    """Return the contact of the message's sender: the one with an id of theirs and no other's."""
    for contact in contacts:
        pairs = ((phone, contact.get("wa_id")), (user_id, contact.get("user_id")))
        compared = [ours == theirs for ours, theirs in pairs if ours and theirs]
        # A message that names nobody belongs to the only contact, if there is one.
        if all(compared) and (compared or (len(contacts) == 1 and not phone and not user_id)):
            return contact
    return {}


def _profile_name(sender: SenderIdentity, contacts: list[dict[str, Any]]) -> str | None:
    contact = _contact_of(sender.phone, sender.business_scoped_id, contacts)
    name = _text(_object(contact.get("profile")).get("name"))
    return name[:_MAX_NAME_CHARACTERS] or None


def _error_code(status: dict[str, Any]) -> int:
    for error in _objects(status.get("errors")):
        code = error.get("code")
        if isinstance(code, int):
            return code
    return 0


def _timestamp(value: object) -> int | None:
    text = str(value) if isinstance(value, str | int) else ""
    return int(text) if _TIMESTAMP.fullmatch(text) else None


def _identifier(value: object) -> str | None:
    """Return an id that can be part of a key: not empty, not endless, without lone surrogates."""
    if not isinstance(value, str) or not value or not value.isprintable():
        return None
    return value if len(escape_key_part(value).encode()) <= _MAX_ID_BYTES else None


def _text(value: object) -> str:
    """Return the text without surrounding blanks and without what UTF-8 cannot carry."""
    if not isinstance(value, str):
        return ""
    # "\ud83d" alone is legal JSON, but neither the table nor the model accepts half a character.
    whole = value[:_MAX_TEXT_CHARACTERS].encode("utf-8", "replace").decode()
    return whole.strip()


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _objects(value: object) -> Iterator[dict[str, Any]]:
    return (item for item in _list(value) if isinstance(item, dict))
