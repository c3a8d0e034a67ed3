"""What the WhatsApp channel remembers between the acknowledgement of a message and its reply."""

from dataclasses import dataclass, field
from enum import StrEnum

from domain.dto.chat import Session
from domain.dto.whatsapp import MessageKind, SenderIdentity
from domain.dto.whatsapp_sent import RecentAnswers


class ReceiptState(StrEnum):
    """How far a message has come."""

    RECEIVED = "received"
    SENDING = "sending"
    ANSWERED = "answered"
    FAILED = "failed"


class Recording(StrEnum):
    """What recording a message found.

    REPAIRED: the message was known, but a crash had left nothing that waits for its reply.
    WAITING: it was known and still waits; whether anybody knows of it is uncertain.
    DUPLICATE: its reply was begun or is done.
    """

    NEW = "new"
    REPAIRED = "repaired"
    WAITING = "waiting"
    DUPLICATE = "duplicate"


@dataclass(frozen=True, slots=True)
class InboxEntry:
    """A message that waits for its reply.

    `person` is the one key of its sender, `sent_at` Meta's time in seconds, `received_at` ours in
    microseconds. A `suspect` entry was put back by a later delivery and may be answered already.
    """

    message_id: str
    person: str
    sender: SenderIdentity
    kind: MessageKind
    text: str
    sent_at: int
    received_at: int
    suspect: bool = False


@dataclass(frozen=True, slots=True)
class BegunReply:
    """A reply that is being sent: its text, how many parts Meta accepted, and which other messages,
    by id, it answers as well. The next part `may_be_sent` where Meta left that open."""

    text: str
    parts_sent: int = 0
    also_answers: tuple[str, ...] = ()
    may_be_sent: bool = False


@dataclass(frozen=True, slots=True)
class Receipt:
    """What is known of a message for as long as Meta may deliver it again.

    `reply` is there while it is being sent, and afterwards `also_answers`: the other messages, by
    id, that it answered as well and that may not be marked yet.
    """

    state: ReceiptState
    reply: BegunReply | None = None
    also_answers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PersonLock:
    """The right to answer one person, and what was known of them when it was given.

    `interrupted` counts the holders before, in a row, that never gave the lock back; `failures` those
    that gave it back for a later attempt; `answers` are those that were sent last.
    """

    person: str
    session: Session | None
    interrupted: int
    failures: int
    answers: RecentAnswers = field(default_factory=RecentAnswers)


@dataclass(frozen=True, slots=True)
class LockRefused:
    """Another process answers the person, or a failure postponed them, for so many seconds."""

    seconds: float
