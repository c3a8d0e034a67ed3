"""Judges what the bot decided and said against what a case expects."""

from collections.abc import Sequence
from typing import Any

from evals.cases import Conversation, Turn, Utterance
from evals.choices import Decided
from evals.matching import mentions
from evals.results import Check
from evals.talk import Answer

_NOTHING = "nothing"


def judge_utterance(utterance: Utterance, decided: Decided | None) -> tuple[Check, ...]:
    """Return the checks of what was decided; None if there was no answer, and nothing is right."""
    route = decided.route if decided else _NOTHING
    routing = Check(
        measure="routing",
        name=utterance.route,
        expected=utterance.route,
        got=route,
        is_right=route == utterance.route,
    )
    slots = (
        _judge_slot(name, expected, decided) for name, expected in sorted(utterance.slots.items())
    )
    return routing, *slots


def judge_conversation(conversation: Conversation, answers: Sequence[Answer]) -> tuple[Check, ...]:
    """Return the one check of a conversation, which tells the first turn that went wrong."""
    faults = [
        f"turn {number}: {fault}"
        for number, (turn, answer) in enumerate(
            zip(conversation.turns, answers, strict=False), start=1
        )
        if (fault := _fault(turn, answer))
    ]
    if not faults and len(answers) < len(conversation.turns):
        faults = [f"turn {len(answers) + 1}: no answer"]
    got = faults[0] if faults else "done"
    return (Check(measure="completion", expected="done", got=got, is_right=not faults),)


def _judge_slot(
    name: str, expected: str | tuple[str, ...] | None, decided: Decided | None
) -> Check:
    words = (expected,) if isinstance(expected, str) else expected or ()
    value = _text(decided.slots.get(name)) if decided else ""
    return Check(
        measure="slots",
        name=name,
        expected=" | ".join(words) or _NOTHING,
        got=value or _NOTHING,
        is_right=decided is not None and (mentions(value, words) if words else not value),
    )


def _text(value: Any) -> str:
    if isinstance(value, list | tuple):
        return "; ".join(str(item) for item in value)
    return "" if value is None else str(value).strip()


def _fault(turn: Turn, answer: Answer) -> str | None:
    if answer.handoff != turn.handoff:
        return "no hand-over" if turn.handoff else "a hand-over"
    if turn.waiting is not None and answer.waiting != turn.waiting:
        return "it does not wait for the user" if turn.waiting else "it still waits for the user"
    if turn.one_of and not mentions(answer.text, turn.one_of):
        return f"none of {' | '.join(turn.one_of)} in: {answer.text}"
    if unwanted := [word for word in turn.none_of if mentions(answer.text, [word])]:
        return f"{unwanted[0]} in: {answer.text}"
    return None
