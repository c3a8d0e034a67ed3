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
    Correction,
    FailedDelivery,
    IdentityChange,
    InboundMessage,
    MessageKind,
    Reaction,
    SenderIdentity,
    WebhookDelivery,
    is_business_scoped_id,
)
from domain.dto.whatsapp_content import read_content, readable_text
from domain.exceptions.whatsapp import InvalidDelivery
from domain.keys import escape_key_part

# Meta's ids have up to 131 characters; two of these have to fit a table key of 1,024 bytes.
_MAX_ID_BYTES = 256
# Seconds since 1970 with at most eleven digits: anything else is no time of Meta's.
_TIMESTAMP = re.compile(r"[0-9]{1,11}", re.ASCII)
_NO_DIGIT = re.compile(r"[^0-9]")
_BRAZILIAN_MOBILE = re.compile(r"55[0-9]{2}9[0-9]{8}", re.ASCII)
_IDENTITY_CHANGES = frozenset(
    {"user_changed_number", "user_changed_user_id", "customer_changed_number"}
)
# The end of "User Ana changed from BR.1 to BR.2", where no name can stand.
_FROM_TO = re.compile(r"(\S+) to (\S+?)\.?\s*$")


@dataclass(slots=True)
class _Harvest:
    messages: list[InboundMessage] = field(default_factory=list)
    failed_deliveries: list[FailedDelivery] = field(default_factory=list)
    identity_changes: list[IdentityChange] = field(default_factory=list)
    corrections: list[Correction] = field(default_factory=list)
    reactions: list[Reaction] = field(default_factory=list)
    receivers: set[str] = field(default_factory=set)
    silent: int = 0
    dropped: int = 0
    broken: list[str] = field(default_factory=list)


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
            if change.get("field") in (None, "", "messages"):
                _read_change(_object(change.get("value")), harvest)
            else:
                harvest.silent += 1
    return WebhookDelivery(
        messages=tuple(harvest.messages),
        failed_deliveries=tuple(harvest.failed_deliveries),
        identity_changes=tuple(harvest.identity_changes),
        corrections=tuple(harvest.corrections),
        reactions=tuple(harvest.reactions),
        silent=harvest.silent,
        dropped=harvest.dropped,
        broken=tuple(harvest.broken),
        receivers=frozenset(harvest.receivers),
    )


def _read_change(value: dict[str, Any], harvest: _Harvest) -> None:
    metadata = _object(value.get("metadata"))
    messages = _list(value.get("messages"))
    contacts = _Contacts(value.get("contacts"), is_alone=len(messages) == 1)
    own_number = _comparable(_identifier(metadata.get("display_phone_number")))
    before = len(harvest.messages)
    for raw in messages:
        try:
            _read_message(_object(raw), contacts, own_number, harvest)
        except Exception as error:  # whatever is wrong with this one, the others are read
            harvest.broken.append(type(error).__name__)
    receiver = _identifier(metadata.get("phone_number_id"))
    if receiver is not None and len(harvest.messages) > before:
        harvest.receivers.add(receiver)
    for status in _objects(value.get("statuses")):
        harvest.silent += 1
        message_id = _identifier(status.get("id"))
        if status.get("status") == "failed" and message_id is not None:
            harvest.failed_deliveries.append(FailedDelivery(message_id, _error_code(status)))


def _read_message(
    message: dict[str, Any], contacts: "_Contacts", own_number: str, harvest: _Harvest
) -> None:
    # A message from our own number is an echo, one of a group is not meant for the bot.
    is_echo = own_number != "" and _comparable(_identifier(message.get("from"))) == own_number
    is_for_others = is_echo or bool(message.get("group_id"))
    content = None if is_for_others else read_content(message)
    if content is None:
        harvest.silent += 1
        if not is_for_others and (reaction := _reaction(message, contacts)):
            harvest.reactions.append(reaction)
        if change := _identity_change(message):
            harvest.identity_changes.append(change)
        if correction := _correction(message):
            harvest.corrections.append(correction)
        return
    message_id = _identifier(message.get("id"))
    sender = contacts.sender_of(message)
    if message_id is None or sender is None:
        harvest.dropped += 1
        return
    kind, text = content
    sent_at = _timestamp(message.get("timestamp"))
    harvest.messages.append(InboundMessage(message_id, sender, kind, text, sent_at))


class _Contacts:
    """The contacts of a change, found by either of their ids."""

    def __init__(self, contacts: object, *, is_alone: bool) -> None:
        """Args:
        is_alone: the change has a single message, which the only contact has to be the sender of.
        """
        self._found: dict[tuple[str | None, str | None], dict[str, Any]] = {}
        listed = list(_objects(contacts))
        for contact in listed:
            wa_id = _without_plus(_identifier(contact.get("wa_id")))
            user_id = _identifier(contact.get("user_id"))
            # Under both ids, where "" is one that it does not have, and under each alone.
            keys = ((wa_id or "", user_id or ""), (wa_id, None), (None, user_id))
            for key in keys:
                self._found.setdefault(key, contact)
        self._only = listed[0] if is_alone and len(listed) == 1 else {}

    def sender_of(self, message: dict[str, Any]) -> SenderIdentity | None:
        """Return who wrote, with what the contact adds; None if nobody is named."""
        phone, user_id = _identifier(message.get("from")), _identifier(message.get("from_user_id"))
        if phone is not None and is_business_scoped_id(phone):
            phone, user_id = None, user_id or phone
        contact = self._contact_of(phone, user_id)
        wa_id = _identifier(contact.get("wa_id"))
        if phone is None and wa_id is not None and not is_business_scoped_id(wa_id):
            phone = wa_id
        user_id = user_id or _identifier(contact.get("user_id"))
        if phone is None and user_id is None:
            return None
        return SenderIdentity(phone=phone, business_scoped_id=user_id)

    def _contact_of(self, phone: str | None, user_id: str | None) -> dict[str, Any]:
        """Return the contact with an id of the sender's and no other's."""
        if phone is None and user_id is None:
            return self._only
        phone = _without_plus(phone)
        if phone is None or user_id is None:
            return self._found.get((phone, user_id), {})
        keys = ((phone, user_id), (phone, ""), ("", user_id))
        return next((self._found[key] for key in keys if key in self._found), {})


def _identity_change(message: dict[str, Any]) -> IdentityChange | None:
    """Return who someone was and is from now on, None if the event does not tell both."""
    system = _object(message.get("system"))
    kind = system.get("type")
    if (
        message.get("type") != "system"
        or not isinstance(kind, str)
        or kind not in _IDENTITY_CHANGES
    ):
        return None
    number = _identifier(system.get("wa_id")) or _identifier(system.get("new_wa_id"))
    user_id = _identifier(system.get("user_id"))
    named = [
        _identifier(message.get("from")),
        _identifier(message.get("from_user_id")),
        _identifier(system.get("previous_user_id")),
    ]
    told = _FROM_TO.search(readable_text(system.get("body")))
    if told is not None and told[2] == user_id and is_business_scoped_id(told[1]):
        named.append(_identifier(told[1]))
    before = dict.fromkeys(i for i in named if i is not None and i not in (number, user_id))
    if not before or (number is None and user_id is None):
        return None
    return IdentityChange(tuple(before), SenderIdentity(number, user_id))


def _correction(message: dict[str, Any]) -> Correction | None:
    """Return what an edit or a revoke makes of an earlier message, None if nothing can be read."""
    kind = message.get("type")
    if kind not in ("edit", "revoke"):
        return None
    content = _object(message.get(kind))
    message_id = _identifier(content.get("original_message_id"))
    if message_id is None or kind == "revoke":
        return None if message_id is None else Correction(message_id, None)
    edited = read_content(_object(content.get("message")))
    if edited is None or edited[0] is not MessageKind.QUESTION:
        return None
    return Correction(message_id, edited[1])


def _reaction(message: dict[str, Any], contacts: "_Contacts") -> Reaction | None:
    """Return what someone put beside which message, None if it does not tell or names nobody."""
    if message.get("type") != "reaction":
        return None
    content = _object(message.get("reaction"))
    message_id, sender = _identifier(content.get("message_id")), contacts.sender_of(message)
    if message_id is None or sender is None:
        return None
    emoji = readable_text(content.get("emoji"))
    return Reaction(message_id, sender, emoji, _timestamp(message.get("timestamp")))


def _without_plus(number: str | None) -> str | None:
    return None if number is None else number.removeprefix("+")


def _comparable(number: str | None) -> str:
    """Return a number's digits alone; a Brazilian one without the ninth, which Meta may leave out."""
    digits = _NO_DIGIT.sub("", number or "")
    return digits[:4] + digits[5:] if _BRAZILIAN_MOBILE.fullmatch(digits) else digits


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


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _objects(value: object) -> Iterator[dict[str, Any]]:
    return (item for item in _list(value) if isinstance(item, dict))
