from pathlib import Path

import pytest

from releases import Repository, past_releases, release_twice
from rendering import export, hasten_copier

pytest.register_assert_rewrite("bot_checks")


def pytest_configure() -> None:
    hasten_copier()


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The template as a plain folder."""
    return export(tmp_path_factory.mktemp("template"))


@pytest.fixture(scope="session", name="past_releases")
def all_releases(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """Every past release, and the working copy as the next one; tests only read it."""
    return past_releases(tmp_path_factory.mktemp("past_releases") / "template")


@pytest.fixture(scope="session")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """The template with an older and a newer release; tests only read it."""
    return release_twice(tmp_path_factory.mktemp("releases"))
