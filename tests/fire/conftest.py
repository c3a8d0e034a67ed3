"""What the drills share: a place for their figures. They run inside a bot, see tools/fire.py."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

Figures = Callable[..., None]

_HEAD = "| what | cases | passed | figure |\n|---|---|---|---|\n"


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the report."""

    what: str
    cases: int
    passed: int
    figure: str

    def row(self) -> str:
        return f"| {self.what} | {self.cases} | {self.passed} | {self.figure} |\n"


@pytest.fixture(scope="session")
def _report() -> Iterator[list[Figure]]:
    report: list[Figure] = []
    yield report
    path = os.environ.get("FIRE_REPORT")
    if path:
        Path(path).write_text(_HEAD + "".join(figure.row() for figure in report), "utf-8")


@pytest.fixture
def figures(_report: list[Figure], capsys: pytest.CaptureFixture[str]) -> Figures:
    """Notes and prints a line of the report: `figures("what", cases=40, passed=40, figure="…")`.

    Called before the assertions, so that a figure which is missed is in the report as well.
    """

    def note(what: str, *, cases: int, passed: int, figure: str = "") -> None:
        line = Figure(what, cases, passed, figure)
        _report.append(line)
        with capsys.disabled():
            print(f"\n{line.row().strip()}")

    return note
