"""The walks of CONTRIBUTING.md, made as they are written; tests/bots runs the bots that have them."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import bot_checks
from rendering import render
from toy_preset import CHOICE, OVERLAY, files_of_toy
from variants import ROOT, VARIANTS, Variant
from walks import CONTRIBUTING, Walk, walk

WALKS = (1, 2, 3)
VARIANT = Variant(("rest",), "basic", "docker", False, "en")


@pytest.fixture
def changed(template: Path, tmp_path: Path) -> Path:
    return shutil.copytree(template, tmp_path / "template")


@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize("language", ["en", "pt-BR"])
def test_a_bot_with_the_change_passes_the_checks_of_every_bot(
    number: int, language: str, changed: Path, tmp_path: Path
) -> None:
    walk(number).make(changed)
    bot = render(changed, tmp_path / "bot", VARIANT.answers | {"language": language})

    bot_checks.require_whole_files(bot)
    bot_checks.require_used_definitions(bot)
    bot_checks.require_settings_that_are_read_and_offered(bot)
    bot_checks.require_an_environment_file_for_docker_too(bot)
    for command in (["check"], ["format", "--check"]):
        ruff = [sys.executable, "-m", "ruff", *command, "--no-cache"]
        done = subprocess.run(ruff, cwd=bot, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(("answers", "default"), [({}, "True"), ({"api_docs": False}, "False")])
def test_the_question_decides_over_the_default_of_the_setting(
    answers: dict[str, bool], default: str, changed: Path, tmp_path: Path
) -> None:
    walk(2).make(changed)
    bot = render(changed, tmp_path / "bot", VARIANT.answers | answers)

    settings = (bot / "app/core/settings/core.py").read_text("utf-8")
    assert f"    api_docs: bool = {default}\n" in settings
    assert f"\nAPI_DOCS={default.lower()}\n" in (bot / ".env-template").read_text("utf-8")


def test_the_walk_of_a_preset_names_the_line_and_every_file_of_it() -> None:
    preset = walk(3)

    (change,) = preset.changes
    assert change.after == f"{change.before}\n{CHOICE.rstrip()}"
    assert f"`{OVERLAY}`" in preset.text
    rows = [line for line in preset.text.splitlines() if line.startswith("| `")]
    named = {name for row in rows for name in re.findall(r"`([\w/.]+/[\w.]+)`", row)}
    assert named == {name for name in files_of_toy() if not name.endswith("/__init__.py")}


@pytest.mark.parametrize("number", WALKS)
def test_every_command_is_there(number: int) -> None:
    sessions = set(
        re.findall(r"^def (\w+)\(session", (ROOT / "noxfile.py").read_text("utf-8"), re.M)
    )
    for command in walk(number).commands:
        program, *arguments = shlex.split(command)
        assert program in ("git", "nox"), command
        if program == "nox":
            _require_session(arguments, sessions, walk(number))


def _require_session(arguments: list[str], sessions: set[str], of_walk: Walk) -> None:
    """Check that nox has the sessions, and that what goes to them is there, in this walk."""
    names, _, rest = " ".join(arguments).partition(" -- ")
    for name in names.split()[1:]:
        session, _, variant = name.partition("(")
        assert session in sessions, name
        if variant and "-toy-" not in variant:
            assert variant.rstrip(")") in {v.id for v in VARIANTS}, variant
    for word in rest.split():
        if word.startswith("tests/"):
            assert (ROOT / word).exists(), word


def test_the_beginning_leads_to_every_walk() -> None:
    text = CONTRIBUTING.read_text("utf-8")
    titles = re.findall(r"^## (Walk .+)$", text, re.M)

    anchors = {re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in titles}
    assert set(re.findall(r"\(#(walk-[\w-]+)\)", text)) == anchors
    assert len(anchors) == len(WALKS)
