"""The exact versions: in pins.txt, and wherever they are repeated."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from questionnaire import QUESTIONNAIRE
from tools import pins
from variants import ROOT

PINS = (ROOT / "template" / "pins.txt").read_text("utf-8")


FILES = [ROOT / "template" / "pins.txt", *sorted(pins.REQUIREMENTS.glob("*.txt"))]
GROUPS = pins.tool_groups()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_pin_has_a_hash_and_none_an_address(file: Path) -> None:
    text = file.read_text("utf-8")
    entries = re.split(r"\n(?=\S)", text.strip())

    assert len(entries) == len(pins.requirements(text))
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []
    assert "://" not in text


def test_each_group_of_tools_has_its_requirements() -> None:
    assert {file.stem for file in FILES[1:]} == GROUPS.keys()


@pytest.mark.parametrize("group", GROUPS)
def test_the_requirements_of_a_group_have_the_versions_it_names(group: str) -> None:
    resolved = pins.requirements((pins.REQUIREMENTS / f"{group}.txt").read_text("utf-8"))

    named = set(_versions(group))
    assert named - {requirement.partition(" ;")[0] for requirement in resolved} == set()


def _versions(group: str) -> Iterator[str]:
    for entry in GROUPS[group]:
        if isinstance(entry, str):
            yield entry.lower()
        else:
            yield from _versions(entry["include-group"])


def test_pyproject_repeats_the_versions() -> None:
    pyproject = (ROOT / "template" / "pyproject.toml.jinja").read_text("utf-8")

    assert pins.constraints_of(pyproject) == pins.requirements(PINS)


def test_no_project_can_be_named_like_a_package() -> None:
    listed = QUESTIONNAIRE["dependency_names"]["default"].strip("[]").replace(",", " ").split()

    assert listed == pins.names(PINS)
