from pathlib import Path

import pytest

from releases import Repository, release_twice
from rendering import export, hasten_copier

pytest.register_assert_rewrite("bot_checks")


def pytest_configure() -> None:
    hasten_copier()


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The template as a plain folder."""
    return export(tmp_path_factory.mktemp("template"))


@pytest.fixture(scope="session")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """The template with an older and a newer release; tests only read it."""
    return release_twice(tmp_path_factory.mktemp("releases"))
