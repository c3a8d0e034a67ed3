"""What the tests of the infrastructure share: its files, the tools, an emulated AWS."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from infrastructure.emulated_aws import EmulatedAws, emulated_aws
from infrastructure.files import InfrastructureFile, InfrastructureFiles


@pytest.fixture(scope="session")
def infrastructure_files(
    template: Path, tmp_path_factory: pytest.TempPathFactory
) -> InfrastructureFiles:
    """`infrastructure_files(glob)`: every distinct file of all variants that the glob finds."""
    return InfrastructureFiles(template, tmp_path_factory.mktemp("infrastructure"))


@pytest.fixture(scope="session")
def cloudformation_files(infrastructure_files: InfrastructureFiles) -> list[InfrastructureFile]:
    """Every distinct CloudFormation template of all variants."""
    return infrastructure_files("cloudformation/*.yaml")


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmulatedAws]:
    """An AWS on this machine, one for all tests."""
    python = python_with("ministack")
    with emulated_aws(python, tmp_path_factory.mktemp("ministack")) as running:
        yield running


@pytest.fixture(scope="session")
def checkov() -> str:
    """The Python that has checkov."""
    return python_with("checkov")


def python_with(tool: str) -> str:
    """Return the Python that has a tool; nox names it in the environment."""
    python = os.environ.get(f"{tool.upper()}_PYTHON", "")
    if not Path(python).is_file():
        pytest.fail(f"{tool} is missing: run `nox -s infrastructure`, which installs it")
    return python
