"""The recipes of docs/customise.md, and those of the bots' own pages: done as they say, checked, talked to."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot_environment import PYTHON
from commands.conftest import RenderBot
from commands.programs import owners_path
from every_variant.workspace import Workspace
from recipes import Block, Recipe, blocks, recipes
from variants import ROOT, Variant, choices

PAGES = {"pt-BR": ROOT / "docs" / "customise.md", "en": ROOT / "docs" / "en" / "customise.md"}
EFFECTS = ROOT / "tests" / "recipe_effects"
HELPERS = ("__init__.py", "conftest.py", "json_server.py", "talking.py")
LIMIT_SECONDS = 300

EVERY_CHANNEL = Variant(("websocket", "rest", "whatsapp"), "basic", "docker", True, "en")
SUPPORT = Variant(("rest",), "customer_support", "ecs", False, "pt-BR")
ROUTING = Variant(("websocket", "rest"), "intent_routing", "docker", True, "pt-BR")
# Of a bot's own tests those that are the owner's too; all of them run once, with many recipes together.
OWNERS = ("tests/graph", "tests/evals/test_data.py", "tests/unit/test_settings.py")


@dataclass(frozen=True, slots=True)
class Trial:
    """In which bot a recipe is tried, and after which others, as the page tells."""

    variant: Variant
    after: tuple[str, ...] = ()


TRIALS = {
    "prompt": Trial(EVERY_CHANNEL),
    "state-fields": Trial(EVERY_CHANNEL),
    "nodes": Trial(EVERY_CHANNEL),
    "new-intent": Trial(ROUTING),
    "own-system": Trial(SUPPORT),
    "knowledge-base": Trial(ROUTING),
    "model-for-one-step": Trial(ROUTING),
    "setting": Trial(EVERY_CHANNEL),
    "route": Trial(EVERY_CHANNEL, ("setting",)),
    "entity": Trial(EVERY_CHANNEL),
    "package": Trial(EVERY_CHANNEL),
    "job": Trial(EVERY_CHANNEL),
    "evals-case": Trial(SUPPORT),
    "whatsapp-sentence": Trial(EVERY_CHANNEL),
    "look": Trial(EVERY_CHANNEL),
    "guardrail": Trial(EVERY_CHANNEL),
    "limits": Trial(EVERY_CHANNEL),
}


def page(language: str) -> str:
    return PAGES[language].read_text("utf-8")


def run(bot: Path, *command: str, **environment: str) -> str:
    """Run a command as the owner does, with the packages of the bot; return what it said."""
    hidden = {"PYTHONPATH", "VIRTUAL_ENV"}
    kept = {name: value for name, value in os.environ.items() if name not in hidden}
    done = subprocess.run(
        command,
        cwd=bot,
        env={**kept, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=LIMIT_SECONDS,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout[-8000:]}"
    return done.stdout


def test_every_recipe_of_the_page_is_tried() -> None:
    assert list(recipes(page("en"))) == list(TRIALS)


def test_both_languages_have_the_same_blocks() -> None:
    first, second = ([*recipes(page(language)).values()] for language in PAGES)

    assert first == second
    assert [*blocks(page("pt-BR"))] == [*blocks(page("en"))]
    assert page("pt-BR").count("\n## ") == page("en").count("\n## ")


@pytest.mark.parametrize("name", TRIALS)
def test_a_recipe_does_what_it_says(
    name: str,
    render_bot: RenderBot,
    workspace: Workspace,
    dynamodb: dict[str, str],
    tmp_path: Path,
) -> None:
    trial = TRIALS[name]
    bot = owned(render_bot(trial.variant), tmp_path / "bot")
    there = recipes(page("en"))
    for each in (*trial.after, name):
        there[each].apply(bot)
    put_in_order(bot)
    packages = run_commands(there[name], bot, tmp_path)
    look_on(bot, name)

    checked = workspace.become(bot)
    run(checked, str(PYTHON.with_name("ruff")), "check", "--no-cache")
    run(checked, str(PYTHON.with_name("ruff")), "format", "--check", "--no-cache")
    run(checked, str(PYTHON.with_name("lint-imports")))
    run(checked, str(PYTHON.with_name("mypy")), PYTHONPATH=packages)
    tests = [*OWNERS, "tests/recipe_effects"]
    pytest_ = (str(PYTHON), "-m", "pytest", "-q", "-n0", "-p", "no:cacheprovider")
    run(checked, *pytest_, *tests, PYTHONPATH=packages, **dynamodb)


def owned(rendered: Path, bot: Path) -> Path:
    """Return a copy of a bot with its `.env`, as the README makes it."""
    shutil.copytree(rendered, bot)
    shutil.copy(bot / ".env-template", bot / ".env")
    return bot


def put_in_order(bot: Path) -> None:
    """Run what the page has one do after each recipe, but the checks, which follow one by one."""
    first = next(blocks(page("en")))
    commands = first.text.splitlines()
    assert commands == ["uv run ruff check --fix", "uv run ruff format", "uv run nox"]
    for command in commands[:-1]:
        run(bot, *command.split(), PATH=owners_path())


def run_commands(recipe: Recipe, bot: Path, folder: Path) -> str:
    """Run the commands of a recipe, and return where the packages are that it adds."""
    packages = folder / "packages"
    for command in recipe.commands:
        run(bot, *command.split(), PATH=owners_path(), PACKAGES=str(packages))
    return str(packages) if packages.exists() else ""


def look_on(bot: Path, name: str) -> None:
    """Put the test into the bot that sees what the recipe does."""
    folder = bot / "tests" / "recipe_effects"
    folder.mkdir()
    for file in (*HELPERS, f"test_{name.replace('-', '_')}.py"):
        shutil.copy(EFFECTS / file, folder)


def test_the_recipes_of_one_bot_go_together_and_pass_all_of_its_tests(
    render_bot: RenderBot, dynamodb: dict[str, str], tmp_path: Path
) -> None:
    bot = owned(render_bot(EVERY_CHANNEL), tmp_path / "bot")
    for name, recipe in recipes(page("en")).items():
        # Its package is nowhere but in the trial of the recipe itself.
        if TRIALS[name].variant == EVERY_CHANNEL and name != "package":
            recipe.apply(bot)
    put_in_order(bot)

    *_, checks = next(blocks(page("en"))).text.splitlines()
    run(bot, *checks.split(), PATH=owners_path(), **dynamodb)


@pytest.mark.parametrize("language", choices("language"))
def test_what_the_readme_tells_to_change_can_be_typed_as_it_stands(
    language: str,
    render_bot: RenderBot,
    workspace: Workspace,
    dynamodb: dict[str, str],
    tmp_path: Path,
) -> None:
    variant = Variant(("websocket", "rest"), "basic", "docker", True, language)
    bot = owned(render_bot(variant), tmp_path / "bot")
    told = told_by_the_readme(bot)
    assert [block.file for block in told] == [
        "app/core/service/llm/graph/prompts.py",
        "app/core/service/llm/graph/state.py",
        "app/core/settings_owner.py",
        "interface/api/owner_routes.py",
    ]
    for block in told:
        block.apply(bot)

    checked = workspace.become(bot)
    require_style_layers_and_types(checked)
    run_tests(checked, dynamodb)


@pytest.mark.parametrize("language", choices("language"))
def test_the_steps_that_the_graphs_page_adds_can_be_typed_as_they_stand(
    language: str,
    render_bot: RenderBot,
    workspace: Workspace,
    dynamodb: dict[str, str],
    tmp_path: Path,
) -> None:
    variant = Variant(("websocket", "rest"), "basic", "docker", True, language)
    bot = owned(render_bot(variant), tmp_path / "bot")
    graph_page = (bot / "docs" / "graph.md").read_text("utf-8")
    for block in named_in_the_text(graph_page, "app/core/service/llm/graph/"):
        block.apply(bot)
    draw_the_second_diagram_first(bot / "docs" / "graph.md")
    deselected = [f"--deselect={test}" for test in named_tests(graph_page)]
    look_on(bot, "graph-page")

    checked = workspace.become(bot)
    require_style_layers_and_types(checked)
    run_tests(checked, dynamodb, *deselected)


def require_style_layers_and_types(bot: Path) -> None:
    for command in ("ruff check --no-cache", "ruff format --check --no-cache", "lint-imports"):
        tool, *options = command.split()
        run(bot, str(PYTHON.with_name(tool)), *options)
    run(bot, str(PYTHON.with_name("mypy")))


def run_tests(bot: Path, dynamodb: dict[str, str], *options: str) -> None:
    pytest_ = (str(PYTHON), "-m", "pytest", "-q", "-n0", "-p", "no:cacheprovider")
    extra = ["tests/recipe_effects"] * (bot / "tests" / "recipe_effects").exists()
    run(bot, *pytest_, *options, *OWNERS, *extra, **dynamodb)


def told_by_the_readme(bot: Path) -> list[Block]:
    """Return the Python blocks of the README, each for the file that is named before it."""
    return named_in_the_text((bot / "README.md").read_text("utf-8"), "")


_NAMED = re.compile(
    r"`(?P<file>[\w/]+\.py)`|^(?P<indent> *)```python\n(?P<text>.*?)^(?P=indent)```$",
    re.MULTILINE | re.DOTALL,
)


def named_in_the_text(text: str, folder: str) -> list[Block]:
    """Return the Python blocks of a page, each for the file that is named last before it."""
    found: list[Block] = []
    file = ""
    for match in _NAMED.finditer(text):
        if match["file"]:
            file = folder + match["file"]
        else:
            lines = match["text"].splitlines(keepends=True)
            own = "".join(line.removeprefix(match["indent"]) for line in lines)
            found.append(Block("python", file, own))
    return found


def named_tests(graph_page: str) -> list[str]:
    """Return the tests that the page says have to change."""
    return [
        f"tests/graph/test_graph.py::{name}" for name in re.findall(r"`(test_\w+)`", graph_page)
    ]


def draw_the_second_diagram_first(graph_page: Path) -> None:
    """Put the diagram of the added steps in the place of the first one, as the page tells."""
    text = graph_page.read_text("utf-8")
    first, second = re.findall(r"^```mermaid\n.*?^```$", text, re.MULTILINE | re.DOTALL)
    graph_page.write_text(text.replace(first, second, 1), "utf-8", newline="\n")
