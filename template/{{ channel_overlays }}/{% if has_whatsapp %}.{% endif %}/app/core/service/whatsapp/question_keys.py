"""What stands for a question of WhatsApp, so that a process which asks it again is known to repeat it."""

import hashlib

from domain.dto.whatsapp_inbox import InboxEntry

_MICROSECONDS = 1000


def question_key_of(first: InboxEntry) -> str:
    """Return 32 hex digits for the question that begins with the message: always the same ones.

    As in other ids the first 12 are milliseconds, here of when the message was received, so that
    what bears them sorts by time.
    """
    digest = hashlib.sha256(first.message_id.encode()).hexdigest()
    return f"{first.received_at // _MICROSECONDS:012x}"[-12:] + digest[:20]
