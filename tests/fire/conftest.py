"""What the drills share: a place for their figures. They run inside a bot, see tools/fire.py."""

import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from infra.local_aws.local_aws import LocalAws
from tests.support.tables import Tables

from .whatsapp_drill import Scene, scene

Figures = Callable[..., None]
SetScene = Callable[..., AbstractAsyncContextManager[Scene]]

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


@pytest.fixture(params=["in_process", "queue"])
def mode(request: pytest.FixtureRequest) -> str:
    """Who answers people: the process that was told of them, or whichever takes them from a queue."""
    name: str = request.param
    return name


@pytest.fixture
async def queue_endpoint(mode: str, tmp_path: Path) -> AsyncIterator[str | None]:
    """Where SQS is, in the mode that has it.

    It is a local AWS of its own: at AWS, too, the queue does not keep the table from answering.
    """
    if mode != "queue":
        yield None
        return
    async with local_aws(tmp_path / "sqs") as endpoint:
        yield endpoint


@pytest.fixture
def set_scene(
    dynamodb_endpoint: str, queue_endpoint: str | None, tables: Tables, tmp_path: Path
) -> SetScene:
    """Sets a scene for a model, in each mode: `async with set_scene(model) as drill`."""
    return partial(scene, dynamodb_endpoint, tables, tmp_path, queue_endpoint=queue_endpoint)


@asynccontextmanager
async def local_aws(folder: Path) -> AsyncIterator[str]:
    """Start a local AWS that shares its folder with no other."""
    aws = LocalAws(folder, linger_seconds=20)
    yield await aws.start()
    await aws.stop()
