"""Bots are generated and updated on Windows and macOS as on Linux: CI runs this file on each.

A bot is compared with what tests/golden has of it, so that every system writes the same bytes.
"""

import subprocess
import sys
from pathlib import Path

import copier
import pytest

from golden_files import TREES, hashes, tree_line
from releases import NEW_FILE, OLD, Repository, copy
from variants import Variant, pairwise

VARIANTS = pairwise()
# Each starts a process of its own, as nox does.
UPDATED_BY_SCRIPT = VARIANTS[:4]

PROMPTS = "app/core/service/llm/graph/prompts.py"
EDITS = {
    PROMPTS: ('"""', '"""Pneus, câmaras e rodas. '),
    "README.md": ("# ", "# Borracharia: "),
    "pyproject.toml": ("owner = [\n", 'owner = [\n    "tyres>=1",\n'),
}

of_every_pair = pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: variant.id)


@pytest.fixture(scope="session")
def golden() -> list[str]:
    """A line for each variant's tree."""
    return TREES.read_text("utf-8").splitlines()


@of_every_pair
def test_a_bot_has_the_same_bytes_on_every_system(
    template: Path, tmp_path: Path, golden: list[str], variant: Variant
) -> None:
    copier.run_copy(
        str(template), tmp_path / "bot", data=variant.answers, defaults=True, quiet=True
    )

    assert tree_line(variant, hashes(tmp_path / "bot")) in golden


@of_every_pair
def test_an_edited_bot_takes_a_release(
    releases: Repository, tmp_path: Path, variant: Variant
) -> None:
    bot = edited_bot(releases, tmp_path, variant)

    copier.run_update(bot.path, defaults=True, overwrite=True, quiet=True)

    assert_updated(bot)


@pytest.mark.parametrize("variant", UPDATED_BY_SCRIPT, ids=lambda variant: variant.id)
def test_its_own_script_updates_it(releases: Repository, tmp_path: Path, variant: Variant) -> None:
    bot = edited_bot(releases, tmp_path, variant)

    command = [sys.executable, "-m", "scripts.template_update", "--no-checks"]
    done = subprocess.run(command, cwd=bot.path, capture_output=True, encoding="utf-8", timeout=120)

    assert done.returncode == 0, done.stdout + done.stderr
    assert_updated(bot)


def edited_bot(releases: Repository, folder: Path, variant: Variant) -> Repository:
    bot = copy(releases, folder / "bot", OLD, variant.answers)
    bot.git("config", "user.name", "test")
    bot.git("config", "user.email", "test@localhost")
    for name, (old, new) in EDITS.items():
        bot.replace(name, old, new)
    bot.commit()
    return bot


def assert_updated(bot: Repository) -> None:
    files = bot.files()
    assert NEW_FILE in files
    assert [name for name, (_, new) in EDITS.items() if new not in files[name]] == []
    assert bot.conflicts() == []
    assert [name for name in files if b"\r" in (bot.path / name).read_bytes()] == []
