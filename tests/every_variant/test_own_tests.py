"""The bots' own tests: the quick part in every variant, all of them where every pair of answers occurs.

A module of the quick part runs once for all bots in which it sees the same files. The full suites run for every pair
of two questions' answers, but preset and channels: the tests that differ by preset are in tests/graph and tests/evals,
and the others have an agent of their own. On ecs a bot runs the code of any container, so only the tests of its stack
and of its deploy are run there.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bot_environment import PYTHON
from every_variant.quick_tests import QuickTests
from every_variant.workspace import Workspace
from variants import VARIANTS, Variant, pairwise

LIMIT_SECONDS = 900

WITH_CODE_OF_THEIR_OWN = tuple(v for v in VARIANTS if v.deployment != "ecs")
IN_FULL = pairwise(WITH_CODE_OF_THEIR_OWN, without=frozenset({"channels", "graph_preset"}))
ON_ECS = pairwise(tuple(v for v in VARIANTS if v.deployment == "ecs" and v.graph_preset == "basic"))
# In each of them a bot's own dependencies are installed, and nothing else.
INSTALLED = (
    Variant(("websocket", "rest", "whatsapp"), "customer_support", "docker", True, "pt-BR"),
    Variant(("whatsapp",), "sales", "ecs", False, "en"),
    Variant(("websocket",), "diagnosis", "lambda", False, "pt-BR"),
    Variant(("rest",), "intent_routing", "lambda", True, "en"),
)

_RUNTIME = ("app", "domain", "infra", "interface")
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


def runtime_tree(bot: Path) -> str:
    """Return the hash of what runs: the code and what it is told by pyproject.toml."""
    whole = hashlib.sha256()
    for path in sorted(bot.rglob("*")):
        name = path.relative_to(bot)
        if path.is_file() and name.parts[0] in (*_RUNTIME, "main.py", "pyproject.toml"):
            whole.update(f"{name.as_posix()}\0".encode() + path.read_bytes())
    return whole.hexdigest()[:16]


@pytest.mark.only(IN_FULL)
def test_all_tests(bot: Path, tmp_path: Path) -> None:
    run_tests(shutil.copytree(bot, tmp_path / "bot"))


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
    run(bot, python, "-c", _IMPORT_ALL, *_RUNTIME)
    run(bot, *install, "-r", "pyproject.toml", "--group", "dev", "-c", "pins.txt")
    run(bot, python, "-m", "pytest", "-q", "--collect-only", "-n0")
    run(bot, python, "-m", "pytest", "-q", "-n2", "tests/unit", "tests/graph")


def run_tests(bot: Path, *folders: str) -> None:
    # As the owner has it who follows the README.
    shutil.copy(bot / ".env-template", bot / ".env")
    options = ("-q", "-n2", "-p", "no:cacheprovider")
    run(bot, str(PYTHON), "-m", "pytest", *options, *folders)


def run(bot: Path, *command: str) -> None:
    hidden = {"PYTHONPATH", "TEST_DYNAMODB_ENDPOINT", "VIRTUAL_ENV"}
    done = subprocess.run(
        command,
        cwd=bot,
        env={name: value for name, value in os.environ.items() if name not in hidden},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=LIMIT_SECONDS,
    )
    assert done.returncode == 0, done.stdout[-8000:]
