"""A sixth preset is a folder and a line of copier.yml; tests/bots runs the bots that have it."""

import subprocess
import sys
from pathlib import Path

import pytest

import bot_checks
from releases import Repository
from rendering import export, render
from toy_preset import CHOICE, OVERLAY, add_toy_preset
from variants import Variant

# How many labelled cases are enough is a question of real conversations.
NOT_FOR_A_TOY = "enough_labelled_cases"


@pytest.fixture(scope="module")
def extended(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """The template, committed, and then the sixth preset."""
    repository = Repository(export(tmp_path_factory.mktemp("extended")))
    repository.git("init", "--quiet")
    repository.commit()
    add_toy_preset(repository.path)
    repository.git("add", "--all")
    return repository


def test_it_is_one_folder_and_one_line(extended: Repository) -> None:
    outside = [".", f":(exclude,literal){OVERLAY}"]

    changed = extended.git("diff", "--cached", "--numstat", "--", *outside)
    added = extended.git("diff", "--cached", "--unified=0", "--", *outside)

    assert changed.split() == ["1", "0", "copier.yml"]
    assert added.endswith(f"\n+{CHOICE}")


def test_the_templates_own_tests_accept_it(extended: Repository) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    tests = ["tests/test_template_files.py", "-k", f"not {NOT_FOR_A_TOY}"]

    done = subprocess.run([*command, *tests], cwd=extended.path, capture_output=True, text=True)

    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    "variant",
    [
        Variant(("websocket", "rest", "whatsapp"), "toy", "docker", True, "pt-BR"),
        Variant(("whatsapp",), "toy", "docker", False, "en"),
    ],
    ids=lambda variant: variant.id,
)
def test_its_bots_are_like_all_others(
    extended: Repository, variant: Variant, tmp_path: Path
) -> None:
    bot = render(extended.path, tmp_path / "bot", variant.answers)

    bot_checks.require_recorded_answers(bot, variant)
    bot_checks.require_whole_files(bot)
    bot_checks.require_nothing_unchosen(bot, variant)
    bot_checks.require_declared_imports_and_used_dependencies(bot)
    bot_checks.require_used_definitions(bot)
    bot_checks.require_settings_that_are_read_and_offered(bot)
    for command in (["check"], ["format", "--check"]):
        ruff = [sys.executable, "-m", "ruff", *command, "--no-cache"]
        done = subprocess.run(ruff, cwd=bot, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout
