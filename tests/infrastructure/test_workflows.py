"""The workflow files of every variant, and the template's own, as their linters see them."""

import re
import shutil
import subprocess
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import yaml

from infrastructure.actions import ACTIONS
from rendering import render
from variants import ROOT, channel_sets, choices

HOSTS = ("github", "gitlab")
ZIZMOR = ROOT / "tests" / "infrastructure" / "zizmor.yml"
# Jobs hand these to the shell lines, which shellcheck cannot know.
SET_BY_GITLAB = "--exclude=SC2154"


@pytest.fixture(scope="session")
def hosted(template: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Path]]:
    """Bots of each host, with every answer that the workflows depend on."""
    forest = tmp_path_factory.mktemp("hosted")
    bots: dict[str, list[Path]] = {host: [] for host in HOSTS}
    for host, deployment, channels in product(HOSTS, choices("deployment"), channel_sets()):
        bot = forest / f"{host}-{deployment}-{'+'.join(channels)}"
        answers = {"ci": host, "deployment": deployment, "channels": list(channels)}
        render(template, bot, answers)
        # actionlint follows a call of another workflow only within a repository.
        (bot / ".git").mkdir()
        bots[host].append(bot)
    return bots


@pytest.fixture
def workflows(hosted: dict[str, list[Path]]) -> list[str]:
    """The files of GitHub's workflows."""
    found = [path for bot in [ROOT, *hosted["github"]] for path in _workflows(bot)]
    assert len(found) == 3 + 4 * len(hosted["github"])
    return [str(path) for path in found]


def test_zizmor_finds_nothing(workflows: list[str]) -> None:
    run("zizmor", "--offline", "--config", str(ZIZMOR), *workflows)


def test_actionlint_and_shellcheck_find_nothing(workflows: list[str]) -> None:
    run("actionlint", "-shellcheck", _program("shellcheck"), *workflows)


@pytest.mark.parametrize(
    "schema", ["vendor.github-workflows", "custom.github-workflows-require-timeout"]
)
def test_workflows_have_githubs_form(workflows: list[str], schema: str) -> None:
    run("check-jsonschema", "--builtin-schema", schema, *workflows)


def test_pipelines_have_gitlabs_form(hosted: dict[str, list[Path]]) -> None:
    pipelines = [str(path) for bot in hosted["gitlab"] for path in _pipelines(bot)]
    form = ("--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci")

    run("check-jsonschema", *form, *pipelines)


def test_shellcheck_finds_nothing_in_pipelines(hosted: dict[str, list[Path]]) -> None:
    scripts = {script for bot in hosted["gitlab"] for script in _scripts(bot)}

    for script in sorted(scripts):
        run("shellcheck", "--shell=bash", SET_BY_GITLAB, "-", text=script)


def test_actions_are_those_whose_commit_was_read_in_their_repository(workflows: list[str]) -> None:
    texts = [Path(path).read_text("utf-8") for path in workflows]
    # The release stands in a comment behind the commit.
    used = {use for text in texts for use in re.findall(r"uses: ([^./].*)", text)}

    assert used == {f"{action.use} # {action.release}" for action in ACTIONS}


def run(command: str, *arguments: str, text: str = "") -> None:
    """Run a linter; what it says is the message of the failure."""
    done = subprocess.run(
        [_program(command), *arguments], input=text, capture_output=True, encoding="utf-8"
    )
    assert done.returncode == 0, f"{text}{done.stdout}{done.stderr}"


def _program(name: str) -> str:
    found = shutil.which(name)
    assert found, f"{name} is not installed; nox -s infrastructure installs it"
    return found


def _workflows(bot: Path) -> list[Path]:
    return sorted((bot / ".github" / "workflows").glob("*.yml"))


def _pipelines(bot: Path) -> list[Path]:
    return [bot / ".gitlab-ci.yml", *sorted((bot / ".gitlab").glob("*.yml"))]


def _scripts(bot: Path) -> list[str]:
    """Return what each job's shell is given: its lines one after the other."""
    jobs: dict[str, Any] = {}
    for path in _pipelines(bot):
        jobs |= yaml.safe_load(path.read_text("utf-8"))
    return [
        "\n".join([*job.get("before_script", []), *job.get("script", [])]) + "\n"
        for job in jobs.values()
        if isinstance(job, dict) and ("script" in job or "before_script" in job)
    ]
