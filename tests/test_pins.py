"""The exact versions: in pins.txt, and wherever they are repeated."""

import re

from questionnaire import QUESTIONNAIRE
from tools import pins
from variants import ROOT

PINS = (ROOT / "template" / "pins.txt").read_text("utf-8")


def test_every_pin_has_a_hash_and_none_an_address() -> None:
    entries = re.split(r"\n(?=\S)", PINS.strip())

    assert len(entries) == len(pins.requirements(PINS))
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []
    assert "://" not in PINS


def test_pyproject_repeats_the_versions() -> None:
    pyproject = (ROOT / "template" / "pyproject.toml.jinja").read_text("utf-8")

    assert pins.constraints_of(pyproject) == pins.requirements(PINS)


def test_no_project_can_be_named_like_a_package() -> None:
    listed = QUESTIONNAIRE["dependency_names"]["default"].strip("[]").replace(",", " ").split()

    assert listed == pins.names(PINS)
