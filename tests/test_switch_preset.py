"""A bot goes from one preset to another, and nothing its owner wrote is lost without a word."""

import subprocess
import sys
from pathlib import Path

import copier
import pytest

from releases import NEW, OLD, Repository, copy
from variants import choices

pytestmark = pytest.mark.usefixtures("fast_updates")

GRAPH = "app/core/service/llm/graph"
PRESETS = choices("graph_preset")

# What an owner changes in the files that every preset has: file, text there, text instead.
EDITS = {
    f"{GRAPH}/prompts.py": ('_PROMPT = """', '_PROMPT = """Responda sobre pneus. '),
    f"{GRAPH}/nodes.py": (
        "\n        return {",
        "\n        await self._ask_about_tyres(state)\n        return {",
    ),
    f"{GRAPH}/state.py": (
        'fields below."""\n',
        'fields below."""\n\n    tyre_size: str | None\n',
    ),
    "evals/data/utterances.jsonl": ('{"', '{"says": "pneu furado", "route": "x"}\n{"'),
}
# In those that not every preset has.
FIRST_LINE = ('"""', '# Tyres.\n"""')
TOOLS = {f"{GRAPH}/tools.py": FIRST_LINE}
SHARED = {"app/core/service/llm/sample_search.py": FIRST_LINE, "evals/schema_choice.py": FIRST_LINE}
# Files of the owner's own; the second one exists in most presets, too.
OWN = {f"{GRAPH}/tyres.py": '"""Tyres."""\n'}
OWN_TOOLS = {f"{GRAPH}/tools.py": '"""My tools, for tyres."""\n'}


@pytest.mark.parametrize(
    ("before", "after"),
    list(zip(PRESETS, PRESETS[1:] + PRESETS[:1], strict=True)),
)
def test_an_untouched_bot_becomes_one_of_the_other_preset(
    releases: Repository, tmp_path: Path, before: str, after: str
) -> None:
    bot = copy(releases, tmp_path / "bot", OLD, {"graph_preset": before})

    answers = {"graph_preset": after}
    copier.run_update(bot.path, data=answers, defaults=True, overwrite=True, quiet=True)

    assert bot.files() == copy(releases, tmp_path / "fresh", NEW, answers).files()


@pytest.mark.parametrize(
    ("before", "after", "edits", "own"),
    [
        ("sales", "diagnosis", {**EDITS, **TOOLS, **SHARED}, OWN),
        ("diagnosis", "basic", {**EDITS, **TOOLS, **SHARED}, OWN),
        ("basic", "customer_support", EDITS, {**OWN, **OWN_TOOLS}),
    ],
    ids=["sales-diagnosis", "diagnosis-basic", "basic-customer_support"],
)
def test_every_edit_is_merged_or_marked_or_named(
    releases: Repository,
    tmp_path: Path,
    before: str,
    after: str,
    edits: dict[str, tuple[str, str]],
    own: dict[str, str],
) -> None:
    bot = copy(releases, tmp_path / "bot", NEW, {"graph_preset": before})
    for name, (old, new) in edits.items():
        bot.replace(name, old, new)
    for name, text in own.items():
        (bot.path / name).write_text(text, "utf-8")
    bot.commit()
    written = {name: new.replace(old, "") for name, (old, new) in edits.items()} | own

    said = switch(bot, after)

    files = bot.files()
    for name in edits.keys() | own.keys():
        is_named = f"{name}, which you had changed;" in said
        is_there = name in files and written[name].strip() in files[name]
        assert is_named or is_there, name
        is_marked = "\n<<<<<<< " in f"\n{files.get(name)}"
        assert is_marked == (f"Conflict in {name}:" in said), name
    fresh = copy(releases, tmp_path / "fresh", NEW, {"graph_preset": after}).files()
    assert files.keys() - own.keys() == fresh.keys() - own.keys()
    for name in fresh.keys() - edits.keys() - own.keys():
        assert files[name] == fresh[name], name


def switch(bot: Repository, preset: str) -> str:
    """Have the bot's own script change the preset; return what is left to settle, as it says."""
    command = ["-m", "scripts.template_update", "--data", f"graph_preset={preset}"]
    done = subprocess.run([sys.executable, *command], cwd=bot.path, capture_output=True, text=True)
    assert done.returncode == 1, done.stdout
    return done.stderr
