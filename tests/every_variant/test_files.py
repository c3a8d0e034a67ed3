"""What holds for the files of every variant, as rendered."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path, PurePosixPath

import pytest
import yaml

import bot_checks
from every_variant.runtime import CODE
from expected_files import expected_files
from rendering import render
from variants import VARIANTS, Variant

Forest = dict[Variant, Path]


def test_the_answers_are_recorded_as_given(bot: Path, variant: Variant) -> None:
    bot_checks.require_recorded_answers(bot, variant)


def test_the_files_are_those_of_the_answers(template: Path, bot: Path, variant: Variant) -> None:
    there = {path.as_posix() for path, _ in bot_checks.texts(bot)}

    assert there == expected_files(template, variant)


def test_every_file_is_whole(bot: Path) -> None:
    bot_checks.require_whole_files(bot)


def test_no_tag_is_left(template: Path, bot: Path) -> None:
    bot_checks.require_no_tag(template, bot)


def test_nothing_of_what_was_not_chosen_is_left(bot: Path, variant: Variant) -> None:
    bot_checks.require_nothing_unchosen(bot, variant)


def test_imports_are_declared_and_dependencies_used(bot: Path) -> None:
    bot_checks.require_declared_imports_and_used_dependencies(bot)


def test_every_dependency_is_pinned(bot: Path) -> None:
    bot_checks.require_pinned_dependencies(bot)


def test_every_definition_is_used(bot: Path) -> None:
    bot_checks.require_used_definitions(bot)


def test_every_setting_is_read_and_offered(bot: Path) -> None:
    bot_checks.require_settings_that_are_read_and_offered(bot)


def test_the_environment_file_suits_docker_too(bot: Path) -> None:
    bot_checks.require_an_environment_file_for_docker_too(bot)


def test_scripts_can_be_executed(bot: Path) -> None:
    for path in bot.rglob("*.sh"):
        assert path.stat().st_mode & 0o111, path


@pytest.mark.only([variant for variant in VARIANTS if variant.deployment == "ecs"])
def test_on_ecs_a_bot_runs_the_code_of_any_container(
    template: Path, forest: Forest, bot: Path, variant: Variant, tmp_path: Path
) -> None:
    """So that tests of one are tests of the other."""
    alike = replace(variant, deployment="docker")
    in_docker = forest.get(alike) or render(template, tmp_path / "bot", alike.answers)

    assert _runtime(bot) == _runtime(in_docker)


def _runtime(bot: Path) -> dict[PurePosixPath, str]:
    return {path: text for path, text in bot_checks.texts(bot) if path.parts[0] in CODE}


@pytest.mark.parametrize("command", ["check --output-format=concise", "format --check"])
def test_style_is_that_of_the_bots_own_tools(forest: Forest, command: str) -> None:
    root = next(iter(forest.values())).parent
    ruff = [sys.executable, "-m", "ruff", *command.split(), "--no-cache", "."]

    done = subprocess.run(ruff, cwd=root, capture_output=True, text=True)

    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("tool", "pattern"), [("hadolint", "Dockerfile"), ("shellcheck", "**/*.sh")]
)
def test_linters_have_nothing_to_object_to(forest: Forest, tool: str, pattern: str) -> None:
    found = (path for bot in forest.values() for path in bot.glob(pattern))
    distinct = {path.read_bytes(): path for path in found}
    program = Path(sys.executable).with_name(tool)

    done = subprocess.run([program, *distinct.values()], capture_output=True, text=True)

    assert distinct
    assert done.returncode == 0, done.stdout


def test_the_recorded_answers_give_the_same_bot(
    template: Path, forest: Forest, tmp_path: Path
) -> None:
    for variant in {min(forest, key=lambda v: v.id), max(forest, key=lambda v: v.id)}:
        recorded = yaml.safe_load((forest[variant] / ".copier-answers.yml").read_text("utf-8"))
        answers = {key: value for key, value in recorded.items() if not key.startswith("_")}

        again = render(template, tmp_path / variant.id, answers)

        assert dict(bot_checks.texts(again)) == dict(bot_checks.texts(forest[variant]))
