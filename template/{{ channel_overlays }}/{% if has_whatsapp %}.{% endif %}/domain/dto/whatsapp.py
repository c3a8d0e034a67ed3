"""What a delivery of the WhatsApp Cloud API says, as far as the bot acts on it."""

import re
from dataclasses import dataclass
from enum import StrEnum

# A country's two letters, or those of a portfolio's parent id: BR.1349…, US.ENT.1181….
_BUSINESS_SCOPED_ID = re.compile(r"[A-Z]{2}\.\S+", re.ASCII)


class MessageKind(StrEnum):
    """What the bot does with a message, whatever Meta calls its type."""

    QUESTION = "question"
    UNSUPPORTED = "unsupported"


@dataclass(frozen=True, slots=True)
class SenderIdentity:
    """Who wrote; at least one of the two identifiers is there.

    `phone` is the WhatsApp id exactly as received: Brazilian ids may lack the ninth digit and are
    reachable only as they are. `business_scoped_id` ("BR." and up to 128 characters) is all that is
    known of users who hide their number behind a username.
    """

    phone: str | None = None
    business_scoped_id: str | None = None


def is_business_scoped_id(identifier: str) -> bool:
    """Tell whether an id is business-scoped; every other one is the WhatsApp id of a number."""
    return _BUSINESS_SCOPED_ID.fullmatch(identifier) is not None


@dataclass(frozen=True, slots=True)
class IdentityChange:
    """Someone is known by other identifiers from now on."""

    before: tuple[str, ...]
    after: SenderIdentity


@dataclass(frozen=True, slots=True)
class InboundMessage:
    """One message that deserves a reply; `sent_at` is Meta's time in seconds since 1970."""

    message_id: str
    sender: SenderIdentity
    kind: MessageKind
    text: str
    sent_at: int | None


@dataclass(frozen=True, slots=True)
class Correction:
    """What a message says from now on; without a text its sender took it back."""

    message_id: str
    text: str | None


@dataclass(frozen=True, slots=True)
class Reaction:
    """What someone puts beside the message `message_id`; without an emoji they took it back."""

    message_id: str
    sender: SenderIdentity
    emoji: str
    sent_at: int | None


@dataclass(frozen=True, slots=True)
class FailedDelivery:
    """Meta could not deliver a message of ours; `code` is Meta's, 0 if it gave none."""

    message_id: str
    code: int


@dataclass(frozen=True, slots=True)
class WebhookDelivery:
    """One POST of Meta's, taken apart.

    `silent` counts what never gets a reply (reactions, statuses, system events), `dropped` what
    cannot be answered because it names no sender or has no message id, `receivers` the ids of the
    business numbers that the messages were sent to. `broken` has the name of an error for each message
    that could not be read at all.
    """

    messages: tuple[InboundMessage, ...] = ()
    failed_deliveries: tuple[FailedDelivery, ...] = ()
    identity_changes: tuple[IdentityChange, ...] = ()
    corrections: tuple[Correction, ...] = ()
    reactions: tuple[Reaction, ...] = ()
    silent: int = 0
    dropped: int = 0
    broken: tuple[str, ...] = ()
    receivers: frozenset[str] = frozenset()
