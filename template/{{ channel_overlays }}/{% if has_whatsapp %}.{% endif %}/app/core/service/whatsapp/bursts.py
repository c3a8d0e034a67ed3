"""Which of a person's waiting messages the next reply answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.core.service.chat.question_check import MAX_QUESTION_CHARACTERS
from domain.dto.whatsapp import MessageKind
from domain.dto.whatsapp_inbox import InboxEntry

RESET_COMMAND = "/reset"

# So many messages at once are a flood, not a thought in pieces; the rest waits for the next turn.
MAX_MESSAGES = 20


class Step(StrEnum):
    """What a burst asks for."""

    QUESTION = "question"
    UNSUPPORTED = "unsupported"
    RESET = "reset"


@dataclass(frozen=True, slots=True)
class Burst:
    """Consecutive messages that get one reply together."""

    step: Step
    entries: tuple[InboxEntry, ...]

    @property
    def question(self) -> str:
        return "\n".join(entry.text for entry in self.entries)


def next_burst(waiting: Sequence[InboxEntry], *, behind_a_turn: bool) -> Burst:
    """Return the first of the waiting messages, with those after it that join it.

    Questions join only when they waited behind a running turn, so that a question asked to an idle
    bot has a reply of its own. Unsupported messages, an album of photos say, always join.
    """
    step = _step_of(waiting[0])
    entries = [waiting[0]]
    characters = len(waiting[0].text)
    may_join = step is Step.UNSUPPORTED or (step is Step.QUESTION and behind_a_turn)
    for entry in waiting[1:MAX_MESSAGES] if may_join else ():
        characters += 1 + len(entry.text)
        if _step_of(entry) is not step or characters > MAX_QUESTION_CHARACTERS:
            break
        entries.append(entry)
    return Burst(step, tuple(entries))


def _step_of(entry: InboxEntry) -> Step:
    if entry.kind is MessageKind.UNSUPPORTED:
        return Step.UNSUPPORTED
    return Step.RESET if entry.text.lower() == RESET_COMMAND else Step.QUESTION
