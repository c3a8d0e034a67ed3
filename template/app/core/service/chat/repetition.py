"""A question that was asked before, by a process that ended before it had answered."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.dto.chat import Message


@dataclass(frozen=True, slots=True)
class Repetition:
    """The question as it is stored, what was said before it, and its answer, if that is stored too."""

    question: Message
    history: tuple[Message, ...]
    answer: Message | None


def repetition_of(question_id: str, messages: Sequence[Message]) -> Repetition | None:
    """Return what a chat's last messages hold of the question, None if it is a new one."""
    for place, message in enumerate(messages):
        if message.message_id == question_id:
            following = messages[place + 1 : place + 2]
            answer = next((m for m in following if m.role == "assistant"), None)
            return Repetition(message, tuple(messages[:place]), answer)
    return None
