"""What the bot remembers of a message that an operator sent."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SentMessage:
    """Where an operator's message stands in its chat."""

    chat_id: str
    message_id: str
    created_at: str
