"""The bots' own tests: the quick part in every variant, all of them in a few.

A module of the quick part runs once for all bots in which it sees the same files. The full suites, without the folders
that the quick part runs in every variant, run for every set of channels, for every preset, and for every pair of the
other answers. What differs by preset is tested in tests/graph, in every variant, and in tests/evals, for every pair of
two answers but the channels; the other tests have an agent of their own. On ecs a bot runs the code of any container, so
only the tests of its stack and of its deploy are run there.
"""

import shutil
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from bot_environment import PYTHON
from every_variant import commands
from every_variant.quick_tests import QuickTests
from every_variant.runtime import PACKAGES, runtime_tree
from every_variant.workspace import Workspace
from variants import VARIANTS, Variant, pairwise_by_channel, pairwise_by_preset

LIMIT_SECONDS = 900

WITH_CODE_OF_THEIR_OWN = tuple(v for v in VARIANTS if v.deployment != "ecs")
IN_FULL = pairwise_by_channel(WITH_CODE_OF_THEIR_OWN)
ON_ECS = pairwise_by_channel(
    tuple(v for v in VARIANTS if v.deployment == "ecs" and v.graph_preset == "basic")
)
EVALUATED = pairwise_by_preset(WITH_CODE_OF_THEIR_OWN)
WITHOUT_QUICK_FOLDERS = ("--ignore=tests/unit", "--ignore=tests/graph")
# In each of them a bot's own dependencies are installed, and nothing else.
INSTALLED = (
    Variant(("websocket", "rest", "whatsapp"), "customer_support", "docker", True, "pt-BR"),
    Variant(("whatsapp",), "sales", "ecs", False, "en"),
    Variant(("websocket",), "diagnosis", "lambda", False, "pt-BR"),
    Variant(("rest",), "intent_routing", "lambda", True, "en"),
)

run = partial(commands.run, limit_seconds=LIMIT_SECONDS)

_IMPORT_ALL = """
import importlib, pkgutil, sys
sys.path.insert(0, ".")
for package in sys.argv[1:]:
    for module in pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}."):
        importlib.import_module(module.name)
import main
"""


def test_the_quick_part(
    variant: Variant,
    bot: Path,
    workspace: Workspace,
    quick_tests: QuickTests,
    record_property: Callable[[str, object], None],
) -> None:
    record_property("runtime_tree", runtime_tree(bot))

    result = quick_tests.run(variant.id, workspace.become(bot))

    record_property("quick_ran", result.ran)
    record_property("quick_shared", result.shared)
    assert not result.failed, f"{result.failed}, ran in {result.shared}: {result.output[-8000:]}"


@pytest.mark.only(IN_FULL)
def test_all_tests(bot: Path, tmp_path: Path) -> None:
    run_tests(shutil.copytree(bot, tmp_path / "bot"), *WITHOUT_QUICK_FOLDERS)


@pytest.mark.only(EVALUATED)
def test_the_evals(bot: Path, tmp_path: Path) -> None:
    run_tests(shutil.copytree(bot, tmp_path / "bot"), "tests/evals")


@pytest.mark.only(ON_ECS)
def test_the_tests_of_a_stack_and_its_deploy(bot: Path, tmp_path: Path) -> None:
    run_tests(shutil.copytree(bot, tmp_path / "bot"), "tests/infrastructure", "tests/deploy")


@pytest.mark.only(INSTALLED)
def test_what_a_bot_declares_is_all_it_needs(bot: Path, tmp_path: Path) -> None:
    bot = shutil.copytree(bot, tmp_path / "bot")
    uv = str(Path(sys.executable).with_name("uv"))
    run(bot, uv, "venv", "--quiet", "--python", sys.executable, ".venv")
    python = str(bot / ".venv" / "bin" / "python")
    install = (uv, "pip", "install", "--quiet", "--python", python, "--require-hashes")

    run(bot, *install, "-r", "pyproject.toml", "-c", "pins.txt")
    run(bot, python, "-c", _IMPORT_ALL, *PACKAGES)
    run(bot, *install, "-r", "pyproject.toml", "--group", "dev", "-c", "pins.txt")
    run(bot, python, "-m", "pytest", "-q", "--collect-only", "-n0")
    run(bot, python, "-m", "pytest", "-q", "-n2", "tests/unit", "tests/graph")


def run_tests(bot: Path, *which: str) -> None:
    # As the owner has it who follows the README.
    shutil.copy(bot / ".env-template", bot / ".env")
    options = ("-q", "-n2", "-p", "no:cacheprovider")
    run(bot, str(PYTHON), "-m", "pytest", *options, *which)
