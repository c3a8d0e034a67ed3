import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from releases import Repository, past_releases, release_twice
from rendering import export, hasten_copier, hasten_updates

pytest.register_assert_rewrite("bot_checks")

HERE = Path(__file__).parent
# Long, and without anything that is made for the whole file: of these, each test goes where there is room.
SPLIT = frozenset(
    f"test_{name}.py"
    for name in ("generator_safety", "on_any_system", "switch_preset", "template_update")
)


def pytest_configure() -> None:
    hasten_copier()


def pytest_itemcollected(item: pytest.Item) -> None:
    """Keep the tests of a file of this folder in one worker of `--dist=loadgroup`."""
    if item.path.parent == HERE and item.path.name not in SPLIT:
        item.add_marker(pytest.mark.xdist_group(item.path.name))


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


@pytest.fixture(scope="session")
def fast_updates(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Updates in this process render nothing twice; what they keep goes with the folders of the tests."""
    before = tempfile.gettempdir()
    tempfile.tempdir = str(tmp_path_factory.mktemp("updates"))
    hasten_updates()
    yield
    tempfile.tempdir = before
