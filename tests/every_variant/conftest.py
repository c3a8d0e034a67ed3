"""Renders the chosen variants once for all workers, and tells at the end what ran where."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot_environment import PYTHON
from every_variant.quick_tests import QuickTests
from every_variant.report import Report
from every_variant.workspace import Workspace
from rendering import export, render_all
from variants import ROOT, VARIANTS, Variant, in_shard

_LOCAL_TABLE = ROOT / "tests" / "local_table.py"
# How the workers learn of what is prepared for all of them.
_FOLDER, _DYNAMODB = "VARIANTS_FOLDER", "TEST_DYNAMODB_ENDPOINT"


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("variants")
    group.addoption(
        "--variants",
        action="append",
        default=[],
        metavar="TEXT",
        help="only the variant of this id, or those whose ids have this text, and the next ones",
    )
    group.addoption("--shard", metavar="K/N", help="only the K-th of N parts of the variants")
    group.addoption("--report", metavar="FILE", default=str(ROOT / "build" / "variants.json"))


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "only(variants): run the test for these variants alone")
    if not hasattr(config, "workerinput") and not config.option.collectonly:
        config.pluginmanager.register(Preparation(config))
        config.pluginmanager.register(Report(config, chosen(config)))


def chosen(config: pytest.Config) -> tuple[Variant, ...]:
    """Return the variants that the command line asks for."""
    texts, shard = config.getoption("--variants"), config.getoption("--shard")
    variants = tuple(v for v in VARIANTS if all(_is_meant(text, v) for text in texts))
    if shard:
        variants = tuple(v for v in variants if in_shard(v, shard))
    if not variants:
        raise pytest.UsageError(f"No variant has {' and '.join(texts)!r} in its id.")
    # Neighbours differ by little, and so does what must be read and compiled anew for the next one.
    return tuple(
        sorted(
            variants,
            key=lambda v: (v.channels, v.deployment, v.tracing, v.graph_preset, v.language),
        )
    )


def _is_meant(text: str, variant: Variant) -> bool:
    ids = {variant.id for variant in VARIANTS}
    return variant.id == text if text in ids else text in variant.id


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "variant" in metafunc.fixturenames:
        variants = chosen(metafunc.config)
        only = metafunc.definition.get_closest_marker("only")
        params = [v for v in variants if only is None or v in only.args[0]]
        metafunc.parametrize("variant", params, ids=lambda variant: variant.id)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out tests that are for other variants than the chosen ones, and begin with the longest."""
    nothing = [item for item in items if item.name.endswith("[NOTSET]")]
    config.hook.pytest_deselected(items=nothing)
    items[:] = [item for item in items if item not in nothing]
    # A bot's whole suite mostly waits: one worker begins with those while the others compute.
    items.sort(key=lambda item: item.get_closest_marker("only") is None)


class Preparation:
    """Renders the bots and starts a DynamoDB before the workers start, and clears up after them."""

    def __init__(self, config: pytest.Config) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="variants-"))
        template = export(self._folder / "template")
        bots = render_all(template, self._folder / "bots", chosen(config))
        os.environ[_FOLDER] = str(self._folder)
        # A copy, because Python leaves its caches where it runs.
        runs_table = shutil.copytree(next(iter(bots.values())), self._folder / "runs-table")
        self._table = subprocess.Popen(
            [str(PYTHON), str(_LOCAL_TABLE), str(self._folder / "local-aws"), "Variants"],
            cwd=runs_table,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        os.environ[_DYNAMODB] = self._endpoint()

    def _endpoint(self) -> str:
        assert self._table.stdout is not None
        for line in self._table.stdout:
            if line.startswith("endpoint "):
                return line.split()[1]
        raise pytest.UsageError("The local AWS did not start; its error is above.")

    def pytest_unconfigure(self) -> None:
        assert self._table.stdin is not None
        self._table.stdin.close()
        self._table.wait(60)
        shutil.rmtree(self._folder, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class Folders:
    """Where the prepared things are."""

    folder: Path

    @property
    def template(self) -> Path:
        return self.folder / "template"

    def bot(self, variant: Variant) -> Path:
        return self.folder / "bots" / variant.id


@pytest.fixture(scope="session")
def folders() -> Folders:
    return Folders(Path(os.environ[_FOLDER]))


@pytest.fixture(scope="session")
def template(folders: Folders) -> Path:
    """The template as a plain folder."""
    return folders.template


@pytest.fixture(scope="session")
def forest(folders: Folders, pytestconfig: pytest.Config) -> dict[Variant, Path]:
    """Every chosen variant, rendered."""
    return {variant: folders.bot(variant) for variant in chosen(pytestconfig)}


@pytest.fixture
def bot(forest: dict[Variant, Path], variant: Variant) -> Path:
    return forest[variant]


@pytest.fixture(autouse=True)
def noted_variant(
    request: pytest.FixtureRequest, record_property: Callable[[str, object], None]
) -> None:
    """Tell the report of which variant the test is."""
    if "variant" in request.fixturenames:
        record_property("variant", request.getfixturevalue("variant").id)


@pytest.fixture(scope="session")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A folder that becomes one bot after another."""
    return Workspace(tmp_path_factory.mktemp("workspace"))


@pytest.fixture(scope="session")
def quick_tests(folders: Folders) -> Iterator[QuickTests]:
    tests = QuickTests(PYTHON, folders.folder / "quick-tests", dict(os.environ))
    yield tests
    tests.close()
