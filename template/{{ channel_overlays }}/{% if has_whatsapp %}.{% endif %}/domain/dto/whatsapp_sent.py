"""What the bot remembers of the messages that it and its operators sent."""

import hashlib
import json
from dataclasses import dataclass
from typing import Self

# With so many the person's item stays under 1 KB, which is one write unit.
_MOST_ANSWERS = 10
_HEX_DIGITS = 12


@dataclass(frozen=True, slots=True)
class SentMessage:
    """Where an operator's message stands in its chat."""

    chat_id: str
    message_id: str
    created_at: str


@dataclass(frozen=True, slots=True)
class AnswerReference:
    """An answer of the bot."""

    chat_id: str
    message_id: str


@dataclass(frozen=True, slots=True)
class RecentAnswers:
    """The last ten messages that answers were sent to a person in, by a hash of Meta's ids.

    They are written with what is written of the person anyway, so that they cost no request.
    """

    sent: tuple[tuple[str, AnswerReference], ...] = ()

    def with_sent(self, sent_id: str, answer: AnswerReference) -> "RecentAnswers":
        """Return the answers with one more."""
        return RecentAnswers((*self.sent, (_short(sent_id), answer))[-_MOST_ANSWERS:])

    def answer_of(self, sent_id: str) -> AnswerReference | None:
        """Return the answer that was sent under Meta's id, None where it is none of these."""
        short = _short(sent_id)
        return next((answer for known, answer in self.sent if known == short), None)

    def to_text(self) -> str:
        """Return the answers as JSON; a chat is named once."""
        rows, chat_id = [], ""
        for short, answer in self.sent:
            named = "" if answer.chat_id == chat_id else answer.chat_id
            rows.append([short, answer.message_id, named])
            chat_id = answer.chat_id
        return json.dumps(rows, separators=(",", ":"))

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Return the answers that `to_text` wrote; none where another version of the bot wrote them."""
        sent: list[tuple[str, AnswerReference]] = []
        chat_id = ""
        try:
            for short, message_id, named in json.loads(text or "[]"):
                chat_id = named or chat_id
                sent.append((short, AnswerReference(chat_id, message_id)))
        except (ValueError, TypeError):
            return cls()
        return cls(tuple(sent))


def _short(sent_id: str) -> str:
    return hashlib.sha256(sent_id.encode()).hexdigest()[:_HEX_DIGITS]
