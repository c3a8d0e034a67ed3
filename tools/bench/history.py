"""The runs of one checkout, a line of JSON each, and what has become worse since the last."""

import json
import os
import platform
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from tools.bench.figures import Figure

# Repeats on one machine differ by less than this, most of the time.
TOLERANCE = 0.10


@dataclass(frozen=True, slots=True)
class Run:
    """What one run measured, of which commit and where."""

    date: str
    commit: str
    python: str
    cpu: str
    load: float
    short: bool
    figures: Sequence[Figure]

    def figure(self, name: str) -> Figure | None:
        return next((figure for figure in self.figures if figure.name == name), None)


def this_run(root: Path, python: Path, figures: Sequence[Figure], *, short: bool) -> Run:
    """Return a run of this checkout on this machine, with the Python of the bot."""
    return Run(
        date=datetime.now(UTC).isoformat(timespec="seconds"),
        commit=_output("git", "-C", str(root), "describe", "--always", "--dirty", "--abbrev=12"),
        python=_output(str(python), "-c", "import platform; print(platform.python_version())"),
        cpu=f"{_cpu_model()}, {os.cpu_count()} cores",
        load=round(os.getloadavg()[0], 2),
        short=short,
        figures=figures,
    )


def runs_like(run: Run, history: Path) -> list[Run]:
    """Return the runs with which this one can be compared, the newest first: of the same machine and Python."""
    if not history.exists():
        return []
    return [
        past
        for past in reversed([*_read(history)])
        if (past.cpu, past.python, past.short) == (run.cpu, run.python, run.short)
    ]


def append(run: Run, history: Path) -> None:
    """Add a run as the last line."""
    history.parent.mkdir(parents=True, exist_ok=True)
    with history.open("a", encoding="utf-8", newline="\n") as file:
        file.write(json.dumps(asdict(run), ensure_ascii=False) + "\n")


def table(run: Run, past: Sequence[Run]) -> str:
    """Return the figures as a table: floor, target, the last time, and what is to be looked at.

    A run may have measured a part: each figure is compared with the newest run that has it.
    """
    head = ("", "measured", "floor", "x floor", "target", "last time", "")
    rows = [head, *(_row(figure, past) for figure in run.figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    lines = [
        "  ".join(
            cell.rjust(width) if column else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    where = f"{run.date}, commit {run.commit}, Python {run.python}, {run.cpu}, load {run.load}"
    since = f"last run: {past[0].date}, commit {past[0].commit}" if past else "no run before"
    return "\n".join([where, since, "", *lines])


def _row(figure: Figure, past: Sequence[Run]) -> tuple[str, ...]:
    before = next(filter(None, (run.figure(figure.name) for run in past)), None)
    remarks = []
    if figure.misses_target:
        remarks.append("misses its target")
    if before and figure.is_worse_than(before, TOLERANCE):
        remarks.append(f"more than {TOLERANCE:.0%} worse")
    return (
        figure.name,
        _number(figure.value, figure.unit),
        _number(figure.floor, figure.unit),
        "" if figure.times_floor is None else f"{figure.times_floor:.1f}",
        ("at least " if figure.more_is_better else "") + _number(figure.target, figure.unit),
        _number(before.value, figure.unit) if before else "",
        ", ".join(remarks),
    )


def _number(value: float | None, unit: str) -> str:
    if value is None:
        return ""
    digits = 0 if value >= 100 or value == int(value) else 1 if value >= 10 else 2
    return f"{value:.{digits}f} {unit}".rstrip()


def _read(history: Path) -> Iterator[Run]:
    for line in history.read_text("utf-8").splitlines():
        fields = json.loads(line)
        figures = [Figure(**figure) for figure in fields.pop("figures")]
        yield Run(**fields, figures=figures)


def _cpu_model() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text("utf-8").splitlines() if info.exists() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.processor() or platform.machine()


def _output(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
