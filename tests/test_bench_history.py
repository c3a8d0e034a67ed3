"""What `nox -s bench` says about a run: floor, target, and what is worse than the last time."""

from dataclasses import replace
from pathlib import Path

import pytest

from tools.bench.figures import Figure
from tools.bench.history import Run, append, runs_like, table

CPU = Figure("CPU of a turn", "ms", 10.0, floor=2.0, target=12.0)
ANSWERS = Figure("answers a second", "/s", 80.0, floor=84.0, target=83.0, more_is_better=True)
READS = Figure("reads of turn 1", "", 0.0, floor=0.0, target=1.0)
RUN = Run(
    "2026-11-26T10:00:00+00:00", "v0.2.0", "3.11.7", "a CPU", 0.5, False, [CPU, ANSWERS, READS]
)


def remarks(run: Run, *past: Run) -> dict[str, str]:
    """Return what the table says of each figure, behind its last number."""
    rows = table(run, past).splitlines()[4:]
    words = ("misses its target", "more than 10% worse")
    return {
        figure.name: ", ".join(word for word in words if word in row)
        for figure, row in zip(run.figures, rows, strict=True)
    }


def test_a_figure_stands_beside_its_floor_target_and_the_last_run() -> None:
    row = table(replace(RUN, figures=[CPU]), [RUN]).splitlines()[-1]

    assert " ".join(row.split()) == "CPU of a turn 10 ms 2 ms 5.0 12 ms 10 ms"


def test_what_misses_its_target_is_named() -> None:
    assert remarks(RUN) == {
        "CPU of a turn": "",
        "answers a second": "misses its target",
        "reads of turn 1": "",
    }


@pytest.mark.parametrize(
    ("now", "worse"),
    [
        (replace(CPU, value=11.5), True),
        (replace(CPU, value=10.9), False),
        # Everything was slower: so was the machine.
        (replace(CPU, value=20.0, floor=4.0), False),
        (replace(ANSWERS, value=70.0), True),
        (replace(ANSWERS, value=99.0), False),
        (replace(READS, value=1.0), True),
        (replace(CPU, name="new"), False),
    ],
)
def test_what_is_worse_in_itself_and_beside_its_floor_is_named(now: Figure, worse: bool) -> None:
    part = replace(RUN, figures=[])
    said = remarks(replace(RUN, figures=[now]), part, RUN)

    assert ("more than 10% worse" in said[now.name]) == worse


def test_a_run_is_compared_with_those_of_the_same_machine_the_newest_first(tmp_path: Path) -> None:
    history = tmp_path / "build" / "history.jsonl"
    assert runs_like(RUN, history) == []
    others = [replace(RUN, cpu="another"), replace(RUN, short=True), replace(RUN, python="3.14.1")]
    same = replace(RUN, commit="the one before")
    for run in (RUN, same, *others):
        append(run, history)

    assert runs_like(RUN, history) == [same, RUN]
    assert len(history.read_text("utf-8").splitlines()) == 5
