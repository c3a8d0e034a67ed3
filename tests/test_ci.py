"""What holds for every host of the CI, which is no part of a variant, and for none."""

import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path, PurePosixPath

import pytest

import cloudformation
from leftovers import leftovers_of_ci
from rendering import render
from variants import choices

QUESTIONS = ("ci", "deployment", "language")
ANSWERS = list(product(*map(choices, QUESTIONS)))
DELIVERY = {"docs/delivery.md", "cloudformation/delivery-role.yaml"}
WORKFLOWS: dict[str, set[str]] = {
    "github": {
        ".github/workflows/ci.yml",
        ".github/workflows/deliver.yml",
        ".github/workflows/template-update.yml",
        ".github/workflows/weekly-audit.yml",
    },
    "gitlab": {".gitlab-ci.yml", ".gitlab/deliver.yml", ".gitlab/template-update.yml"},
    "none": set(),
}

Bots = dict[tuple[str, ...], Path]


@pytest.fixture(scope="module")
def bots(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Bots:
    forest = tmp_path_factory.mktemp("hosts")
    return {
        answers: render(
            template, forest / "-".join(answers), dict(zip(QUESTIONS, answers, strict=True))
        )
        for answers in ANSWERS
    }


@pytest.fixture(params=ANSWERS, ids="-".join)
def answers(request: pytest.FixtureRequest) -> tuple[str, ...]:
    chosen: tuple[str, ...] = request.param
    return chosen


@pytest.fixture
def bot(bots: Bots, answers: tuple[str, ...]) -> Path:
    return bots[answers]


def test_workflows_and_delivery_are_those_of_the_host(bot: Path, answers: tuple[str, ...]) -> None:
    there = {path.as_posix() for path, _ in _texts(bot)}

    assert there & (DELIVERY | set().union(*WORKFLOWS.values())) == _wanted(answers)


def test_nothing_of_another_host_is_left(bot: Path, answers: tuple[str, ...]) -> None:
    assert list(leftovers_of_ci(_texts(bot), answers[0])) == []


def test_their_files_are_whole_and_without_a_tag(bot: Path, answers: tuple[str, ...]) -> None:
    for name in _wanted(answers):
        text = (bot / name).read_text("utf-8")
        assert not re.search(r"\{%|%\}|\{\{|\}\}", re.sub(r"\$\{\{.*?\}\}", "", text)), name
        assert "\n\n\n" not in text, name
        if not name.endswith(".md"):
            assert cloudformation.load(text), name


def _wanted(answers: tuple[str, ...]) -> set[str]:
    ci = answers[0]
    return WORKFLOWS[ci] | (DELIVERY if ci != "none" else set())


def _texts(bot: Path) -> Iterator[tuple[PurePosixPath, str]]:
    for path in sorted(bot.rglob("*")):
        if path.is_file():
            yield PurePosixPath(path.relative_to(bot).as_posix()), path.read_text("utf-8")
