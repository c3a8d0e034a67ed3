"""What the commands of the pages run in: bots, an environment for them, a table."""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot_environment import PYTHON
from every_variant.workspace import Workspace
from rendering import render
from variants import ROOT, Variant

RenderBot = Callable[..., Path]

# Each takes minutes: at the end, one worker would go on while the other has nothing to do.
_LONGEST = (
    "test_the_recipes_of_one_bot_go_together_and_pass_all_of_its_tests",
    "test_a_bot_is_updated",
    "test_the_demo_and_a_bot_are_made_from_the_readme",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest."""
    items.sort(key=lambda item: item.name not in _LONGEST)


@pytest.fixture(scope="session")
def render_bot(template: Path, tmp_path_factory: pytest.TempPathFactory) -> RenderBot:
    """Renders a variant once, `render_bot(variant, ci="gitlab")`; tests only read it."""
    forest = tmp_path_factory.mktemp("bots")

    def rendered(variant: Variant, ci: str = "github") -> Path:
        bot = forest / f"{variant.id}-{ci}"
        return bot if bot.exists() else render(template, bot, {**variant.answers, "ci": ci})

    return rendered


@pytest.fixture(scope="session")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A folder that becomes one bot after another, so that the type checker's cache stays good."""
    return Workspace(tmp_path_factory.mktemp("workspace"))


@pytest.fixture(scope="session", autouse=True)
def shared_types(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Have the type checker read once what all bots have in common."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MYPY_CACHE_DIR", str(tmp_path_factory.mktemp("types")))
        yield


@pytest.fixture(scope="session")
def dynamodb(
    render_bot: RenderBot, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, str]]:
    """The environment in which the bots' own tests find a DynamoDB, one for all of them."""
    bot = render_bot(Variant(("rest",), "basic", "docker", False, "en"))
    process = subprocess.Popen(
        [str(PYTHON), str(ROOT / "tests" / "local_table.py"), "local-aws", "Commands"],
        cwd=tmp_path_factory.mktemp("table"),
        env={**os.environ, "PYTHONPATH": str(bot), "PYTHONDONTWRITEBYTECODE": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    endpoint = next(line.split()[1] for line in process.stdout if line.startswith("endpoint "))
    yield {"TEST_DYNAMODB_ENDPOINT": endpoint}
    # The end of its input, upon which it ends.
    process.communicate(timeout=60)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tell how many commands the pages have."""
    for report in terminalreporter.getreports("passed"):
        told = [str(value) for name, value in report.user_properties if name == "commands"]
        if report.when == "call" and told:
            terminalreporter.write_line(" ".join(told))
