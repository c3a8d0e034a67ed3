"""The labelled cases: one JSON object a line, with keys in any order."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Self, TypeVar

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError, model_validator

from evals.errors import EvalsError

DATA = Path(__file__).parent / "data"
UTTERANCES = DATA / "utterances.jsonl"
CONVERSATIONS = DATA / "conversations.jsonl"

Text = Annotated[str, StringConstraints(min_length=1, pattern=r"\S")]


class _Line(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Utterance(_Line):
    """A message, and what is to be decided about it.

    `before` is what was said before it, the user and the bot in turn, beginning with the user.
    `choice` names one of task.py's where there are several. A slot's value is one of the words it
    must have, several of which one suffices, or null if there is nothing to fill in.
    """

    says: Text
    before: tuple[Text, ...] = ()
    choice: str = ""
    route: str
    slots: dict[str, Text | tuple[Text, ...] | None] = {}

    @property
    def name(self) -> str:
        """What the case is called in results."""
        return " / ".join((*self.before, self.says))

    @model_validator(mode="after")
    def _bot_spoke_last(self) -> Self:
        if len(self.before) % 2:
            raise ValueError("before: the bot must have the last word in it")
        return self


class Turn(_Line):
    """A message of a conversation, and what must hold of the bot's answer to it.

    `one_of`: words of which the answer has one; `none_of`: words of which it has none; `handoff`:
    whether it hands over to a person; `waiting`: whether the graph then waits for the user.
    """

    says: Text
    one_of: tuple[Text, ...] = ()
    none_of: tuple[Text, ...] = ()
    handoff: bool = False
    waiting: bool | None = None


class Conversation(_Line):
    """A whole conversation; its task is done if all its turns are as they must be."""

    name: Text
    turns: tuple[Turn, ...]

    @model_validator(mode="after")
    def _ends_with_a_hand_over(self) -> Self:
        if not self.turns:
            raise ValueError("turns: there is none")
        if any(turn.handoff for turn in self.turns[:-1]):
            raise ValueError("turns: the bot is silent after a hand-over, so it must be the last")
        return self


Case = TypeVar("Case", Utterance, Conversation)
Fault = Callable[[Case], str | None]


def read_cases(file: Path, kind: type[Case], fault: Fault[Case] = lambda case: None) -> list[Case]:
    """Return the cases of a file.

    Args:
        fault: tells what is wrong with a case beyond its form.

    Raises:
        EvalsError: a line is wrong, or the file cannot be read; the message names the line.
    """
    cases: dict[str, Case] = {}
    for number, line in _lines(file):
        try:
            case = kind.model_validate_json(line)
        except ValidationError as error:
            raise EvalsError(f"{file}, line {number}: {_reason(error)}") from None
        reason = "there is such a case already" if case.name in cases else fault(case)
        if reason:
            raise EvalsError(f"{file}, line {number}: {reason}")
        cases[case.name] = case
    return list(cases.values())


def _lines(file: Path) -> Iterator[tuple[int, str]]:
    try:
        text = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise EvalsError(f"{file} cannot be read: {error}") from None
    # Not splitlines(): it also splits at characters that JSON allows inside a string.
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield number, line


def _reason(error: ValidationError) -> str:
    first = error.errors(include_input=False, include_url=False)[0]
    where = ".".join(str(part) for part in first["loc"] if not isinstance(part, int))
    reason = first["msg"].removeprefix("Value error, ")
    return f"{where}: {reason}" if where else reason
