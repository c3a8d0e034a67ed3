import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from xdist.scheduler import LoadFileScheduling  # type: ignore[import-untyped]

from releases import Repository, past_releases, release_twice
from rendering import export, hasten_copier, hasten_updates

pytest.register_assert_rewrite("bot_checks")

# Long, and with little that is made for the whole file: of these, each test goes where there is room.
SPLIT = frozenset(
    f"tests/{name}.py"
    for name in (
        "bots/test_sixth_preset_bots",
        "test_generator_safety",
        "test_on_any_system",
        "test_switch_preset",
        "test_template_update",
    )
)


def pytest_configure() -> None:
    hasten_copier()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> LoadFileScheduling | None:
    """Keep a file in one worker with `--dist=loadfile`, but not those that are SPLIT.

    xdist 3.8 has groups for that, of which pytest 9.2 takes no notice.
    """
    return _SplitFiles(config, log) if config.getoption("dist") == "loadfile" else None


class _SplitFiles(LoadFileScheduling):  # type: ignore[misc]
    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        return nodeid if file in SPLIT else file


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
