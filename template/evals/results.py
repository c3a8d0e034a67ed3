"""What a run came to: each check of each case, and the file that keeps it."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, ValidationError

from evals.errors import EvalsError

RESULTS = Path(__file__).parent / "results"

Measure = Literal["routing", "slots", "completion"]
MEASURES: tuple[Measure, ...] = get_args(Measure)

# Identifies a check in several runs: the case, the measure, and the name within it.
Key = tuple[str, Measure, str]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class Check(_Frozen):
    """One expectation; `name` is the expected route, or the slot."""

    measure: Measure
    name: str = ""
    expected: str
    got: str
    is_right: bool


class Outcome(_Frozen):
    """What became of a case; an `error` means that the model gave no answer to judge."""

    case: str
    checks: tuple[Check, ...]
    said: tuple[str, ...] = ()
    error: str = ""
    seconds: float = 0


class Score(_Frozen):
    """How many were right, of how many."""

    right: int
    of: int

    @property
    def share(self) -> float:
        return self.right / self.of if self.of else 0.0


class Run(_Frozen):
    """All outcomes of one run; `model` is "offline" for the script, whose run is a smoke test."""

    started_at: str
    model: str
    seconds: float
    model_calls: int
    input_tokens: int
    output_tokens: int
    outcomes: tuple[Outcome, ...]

    @property
    def is_smoke_test(self) -> bool:
        return self.model == "offline"

    @property
    def name(self) -> str:
        """The run's name, fit for a file."""
        return re.sub(r"[^A-Za-z0-9.-]+", "-", f"{self.started_at}-{self.model}")

    def checks(self) -> dict[Key, Check]:
        """Return every check by what identifies it."""
        return {
            (outcome.case, check.measure, check.name): check
            for outcome in self.outcomes
            for check in outcome.checks
        }

    def scores(self, measure: Measure) -> dict[str, Score]:
        """Return the scores within a measure by route or slot."""
        checks = [check for check in self.checks().values() if check.measure == measure]
        names = sorted({check.name for check in checks})
        return {name: _score(check for check in checks if check.name == name) for name in names}

    def score(self, measure: Measure) -> Score:
        """Return the score of a measure; `of` is 0 if nothing was measured."""
        return _score(check for check in self.checks().values() if check.measure == measure)

    def errors(self) -> list[Outcome]:
        """Return the cases to which there was no answer."""
        return [outcome for outcome in self.outcomes if outcome.error]


def save(run: Run, folder: Path) -> Path:
    """Write the run into the folder; returns the file."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{run.name}.json"
    file.write_text(run.model_dump_json(indent=2) + "\n", "utf-8")
    return file


def load(file: Path) -> Run:
    """Return the run that a file keeps.

    Raises:
        EvalsError: it cannot be read, or is no such file.
    """
    try:
        return Run.model_validate_json(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise EvalsError(f"{file} cannot be read: {error}") from None
    except ValidationError:
        raise EvalsError(f"{file} is no result of these evals") from None


def _score(checks: Iterable[Check]) -> Score:
    outcomes = [check.is_right for check in checks]
    return Score(right=sum(outcomes), of=len(outcomes))
