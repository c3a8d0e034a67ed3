"""Every variant passes its own checks; every pair of answers, the bots' own tests.

Those of a preset are in tests/graph and tests/evals; the others have an agent of their own, whatever
the preset, so that its pairs with the channels need not run them. On ecs a bot runs the code that it
runs in any container (tests/test_variants.py compares it), so that only the tests of its stack and of
its deploy are run there. With EVERY_BOT=1 all tests of the bots run for every variant.

The packages of all variants are in one environment, which BOT_PYTHON names: `nox -s bots`.
"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from bot_environment import PYTHON
from rendering import render
from toy_preset import add_toy_preset
from variants import VARIANTS, Variant, choices, pairwise

LIMIT_SECONDS = 900


@pytest.fixture(params=VARIANTS, ids=lambda variant: variant.id)
def checked_bot(request: pytest.FixtureRequest, template: Path, tmp_path: Path) -> Path:
    variant: Variant = request.param
    return render(template, tmp_path / "bot", variant.answers)


WITH_CODE_OF_THEIR_OWN = tuple(v for v in VARIANTS if v.deployment != "ecs")
ALL_TESTS = (
    VARIANTS
    if os.environ.get("EVERY_BOT")
    else pairwise(WITH_CODE_OF_THEIR_OWN, without=frozenset({"channels", "graph_preset"}))
)
ITS_OWN_TESTS = [v for v in pairwise(WITH_CODE_OF_THEIR_OWN) if v not in ALL_TESTS]
ON_ECS = tuple(v for v in VARIANTS if v.deployment == "ecs" and v.graph_preset == "basic")


@pytest.fixture(params=ITS_OWN_TESTS, ids=lambda variant: variant.id)
def bot_of_a_preset(request: pytest.FixtureRequest, template: Path, tmp_path: Path) -> Path:
    variant: Variant = request.param
    return render(template, tmp_path / "bot", variant.answers)


@pytest.fixture(params=pairwise(ON_ECS), ids=lambda variant: variant.id)
def bot_on_ecs(request: pytest.FixtureRequest, template: Path, tmp_path: Path) -> Path:
    variant: Variant = request.param
    return render(template, tmp_path / "bot", variant.answers)


@pytest.fixture(params=ALL_TESTS, ids=lambda variant: variant.id)
def tested_bot(request: pytest.FixtureRequest, template: Path, tmp_path: Path) -> Path:
    variant: Variant = request.param
    return render(template, tmp_path / "bot", variant.answers)


@pytest.fixture(scope="session")
def types_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What mypy knows of the packages, which is the same for all bots."""
    return tmp_path_factory.mktemp("types")


def run(bot: Path, tool: str, *arguments: str) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [str(PYTHON.with_name(tool)), *arguments],
        cwd=bot,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=LIMIT_SECONDS,
    )
    assert done.returncode == 0, done.stdout[-8000:]


def check(bot: Path, types_cache: Path) -> None:
    run(bot, "ruff", "check", "--no-cache")
    run(bot, "ruff", "format", "--check", "--no-cache")
    run(bot, "mypy", "--cache-dir", str(types_cache))
    run(bot, "lint-imports", "--no-cache")


def run_tests(bot: Path, *folders: str) -> None:
    # As the owner has it who follows the README.
    shutil.copy(bot / ".env-template", bot / ".env")
    run(bot, "python", "-m", "pytest", "-q", "-n2", "-p", "no:cacheprovider", *folders)


def test_style_types_and_layers(checked_bot: Path, types_cache: Path) -> None:
    check(checked_bot, types_cache)


def test_the_bots_own_tests(tested_bot: Path) -> None:
    run_tests(tested_bot)


def test_the_presets_own_tests(bot_of_a_preset: Path) -> None:
    run_tests(bot_of_a_preset, "tests/graph", "tests/evals")


def test_the_tests_of_a_stack_and_its_deploy(bot_on_ecs: Path) -> None:
    run_tests(bot_on_ecs, "tests/infrastructure", "tests/deploy")


@pytest.mark.parametrize("language", choices("language"))
def test_a_sixth_preset_answers_and_passes_all_tests(
    template: Path, language: str, types_cache: Path, tmp_path: Path
) -> None:
    extended = shutil.copytree(template, tmp_path / "template")
    add_toy_preset(extended)
    bot = render(extended, tmp_path / "bot", {"graph_preset": "toy", "language": language})

    check(bot, types_cache)
    run_tests(bot)
