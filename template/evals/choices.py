"""What the bot decides about one message, as the evals see it; task.py has those of this graph."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.core.ports.model_calls import ModelCallListener
from app.core.service.llm.base_orchestrator_service import BaseOrchestratorService
from evals.cases import Utterance, read_cases


@dataclass(frozen=True, slots=True)
class Decided:
    """The way that the graph takes, and what was read from the message by the slots' names."""

    route: str
    slots: Mapping[str, Any]


Decide = Callable[
    [BaseOrchestratorService, Utterance, ModelCallListener],
    Awaitable[Decided],
]


@dataclass(frozen=True, slots=True)
class Choice:
    """A decision: its possible routes, the slots that count, and how it is made."""

    routes: tuple[str, ...]
    slots: tuple[str, ...]
    decide: Decide


def choice_of(case: Utterance, choices: Mapping[str, Choice]) -> Choice | None:
    """Return the choice that a case is about; it need not name the only one."""
    if not case.choice and len(choices) == 1:
        return next(iter(choices.values()))
    return choices.get(case.choice)


def read_utterances(file: Path, choices: Mapping[str, Choice]) -> list[Utterance]:
    """Return the utterances of a file.

    Raises:
        EvalsError: a line is wrong or has a label that the graph has not.
    """
    return read_cases(file, Utterance, lambda case: _fault(case, choices))


def _fault(case: Utterance, choices: Mapping[str, Choice]) -> str | None:
    choice = choice_of(case, choices)
    if choice is None:
        return f"choice: {case.choice!r} is none of {', '.join(choices)}"
    if case.route not in choice.routes:
        return f"route: {case.route!r} is none of {', '.join(choice.routes)}"
    if unknown := sorted(case.slots.keys() - set(choice.slots)):
        return f"slots: {unknown[0]!r} is none of {', '.join(choice.slots) or 'none'}"
    return None
