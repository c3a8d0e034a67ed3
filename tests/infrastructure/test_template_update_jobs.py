"""The scheduled jobs that open an update as a request: their shell lines, with a real git."""

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from infrastructure.pipelines import Machine
from rendering import render

HOSTS = ("github", "gitlab")
BRANCH = "template-update/v1.1.0"
STATES = {"github": {"open": "OPEN", "closed": "CLOSED"}, "gitlab": {"open": "opened"}}
REMOTE = "https://template-update:token@gitlab.test/team/bot.git"  # pragma: allowlist secret

# What stands for the update: nothing to do, a merge, one with a conflict, and a refusal.
NOX = """#!/bin/sh
while [ "$1" != --summary ]; do shift; done
[ "$UPDATE" = refused ] && exit 1
[ "$UPDATE" = nothing ] && exit 0
touch .git/template-update.json
sed -i 's/^_commit: .*/_commit: v1.1.0/' .copier-answers.yml
echo "# Template v1.0.0 -> v1.1.0" > "$2"
echo "$UPDATE $RUN" >> merged.txt
[ "$UPDATE" = merged ]
"""
GH = """#!/bin/sh
case "$*" in
    "auth setup-git") ;;
    "pr list "*) echo "$STATE" ;;
    *) echo "$*"; cat "$RUNNER_TEMP/body.md" ;;
esac
"""
CURL = """#!/bin/sh
for last; do case "$last" in description@*) cat "${last#description@}" ;; esac; done
case "$*" in
    *"?source_branch="*) if [ -n "$STATE" ]; then echo "[{\\"state\\": \\"$STATE\\", \\"iid\\": 7}]"; else echo '[]'; fi ;;
    *) echo "$*" >&2 ;;
esac
"""


@dataclass(frozen=True, slots=True)
class Job:
    """The job of one host, in a bot whose remote repository is a folder."""

    host: str
    machine: Machine
    origin: Path

    def run(
        self, update: str, number: int = 1, state: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """Run it; `number` tells one run from another, `state` is that of the last request."""
        self.git("switch", "--quiet", "main")
        (self.machine.bot / ".git/template-update.json").unlink(missing_ok=True)
        if self.git("branch", "--list", BRANCH):
            self.git("branch", "--quiet", "-D", BRANCH)
        state = STATES[self.host].get(state, state)
        env = {"UPDATE": update, "RUN": str(number), "STATE": state}
        return self._github(env) if self.host == "github" else self._gitlab(env)

    def _github(self, env: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
        workflow = self.machine.bot / ".github/workflows/template-update.yml"
        job = yaml.safe_load(workflow.read_text("utf-8"))["jobs"]["update"]
        temp = self.machine.programs / f"temp-{env['RUN']}"
        temp.mkdir()
        output = temp / "output"
        output.touch()
        given = {
            **job["env"],
            **env,
            "RUNNER_TEMP": str(temp),
            "GITHUB_OUTPUT": str(output),
            "GITHUB_EVENT_NAME": "schedule",
        }
        merge, request = (step["run"] for step in job["steps"][-2:])
        done = self.machine.shell(merge, given)
        settled = output.read_text("utf-8").strip().removeprefix("settled=")
        if done.returncode or not settled:
            return done
        return self.machine.shell(request, {**given, "GH_TOKEN": "token", "SETTLED": settled})

    def _gitlab(self, env: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
        pipeline = self.machine.bot / ".gitlab/template-update.yml"
        job = yaml.safe_load(pipeline.read_text("utf-8"))["template-update"]
        given = {
            "AUTHOR": "template-update@noreply.gitlab.test",
            "REQUESTS": "https://gitlab.test/api/v4/projects/1/merge_requests",
            "TEMPLATE_UPDATE_TOKEN": "token",
            "CI_SERVER_HOST": "gitlab.test",
            "CI_PROJECT_PATH": "team/bot",
            "CI_DEFAULT_BRANCH": "main",
        }
        return self.machine.shell("\n".join(job["script"]), {**given, **env})

    def git(self, *arguments: str, folder: Path | None = None) -> str:
        identity = ["-c", "user.name=owner", "-c", "user.email=owner@localhost"]
        done = subprocess.run(
            ["git", *identity, *arguments],
            cwd=folder or self.machine.bot,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    def pushed(self) -> str:
        """Return what the branch of the request has in the file of the update."""
        return self.git("show", f"{BRANCH}:merged.txt", folder=self.origin)


@pytest.fixture(params=HOSTS)
def job(request: pytest.FixtureRequest, template: Path, tmp_path: Path) -> Job:
    bot = render(template, tmp_path / "bot", {"ci": request.param})
    (bot / ".copier-answers.yml").write_text("_commit: v1.0.0\n", "utf-8")
    programs = tmp_path / "programs"
    programs.mkdir()
    for name, text in (("nox", NOX), ("gh", GH), ("curl", CURL)):
        (programs / name).write_text(text, "utf-8")
        (programs / name).chmod(0o755)
    origin = tmp_path / "origin.git"
    config = tmp_path / "gitconfig"
    config.write_text(f'[url "{origin}"]\n    insteadOf = {REMOTE}\n', "utf-8")
    given = {"GIT_CONFIG_GLOBAL": str(config), "HOME": str(tmp_path)}
    made = Job(request.param, Machine(bot, programs, given), origin)
    made.git("init", "--quiet", "--initial-branch", "main")
    made.git("add", "--all")
    made.git("commit", "--quiet", "--message", "New bot")
    made.git("clone", "--quiet", "--bare", str(bot), str(origin))
    made.git("remote", "add", "origin", str(origin))
    return made


def test_a_release_becomes_a_request_with_its_summary(job: Job) -> None:
    done = job.run("merged")

    assert done.returncode == 0, done.stdout
    assert job.pushed() == "merged 1\n"
    assert "Update the template to v1.1.0" in done.stdout
    assert "raft" not in done.stdout
    if job.host == "github":
        assert "# Template v1.0.0 -> v1.1.0" in done.stdout


def test_with_conflicts_it_is_a_draft_that_tells_what_to_do(job: Job) -> None:
    done = job.run("conflict")

    assert done.returncode == 0, done.stdout
    assert job.pushed() == "conflict 1\n"
    assert "--draft" in done.stdout or "title=Draft: Update" in done.stdout


def test_an_open_request_is_brought_up_to_date(job: Job) -> None:
    job.run("conflict")

    done = job.run("merged", 2, "open")

    assert done.returncode == 0, done.stdout
    assert job.pushed() == "merged 2\n"
    assert "pr edit" in done.stdout or "PUT" in done.stdout


def test_a_branch_that_somebody_has_worked_on_stays(job: Job, tmp_path: Path) -> None:
    job.run("conflict")
    theirs = tmp_path / "theirs"
    job.git("clone", "--quiet", "--branch", BRANCH, str(job.origin), str(theirs))
    (theirs / "merged.txt").write_text("settled\n", "utf-8")
    job.git("commit", "--quiet", "--all", "--message", "Settled", folder=theirs)
    job.git("push", "--quiet", folder=theirs)

    done = job.run("conflict", 2, "open")

    assert done.returncode == 0, done.stdout
    assert "Somebody has worked on" in done.stdout
    assert job.pushed() == "settled\n"


def test_a_closed_request_stays_closed(job: Job) -> None:
    done = job.run("merged", 1, "closed")

    assert done.returncode == 0, done.stdout
    assert job.git("branch", "--list", BRANCH, folder=job.origin) == ""


def test_without_a_newer_release_nothing_happens(job: Job) -> None:
    done = job.run("nothing")

    assert done.returncode == 0, done.stdout
    assert job.git("branch", "--list", BRANCH, folder=job.origin) == ""


def test_a_refused_update_fails_the_job(job: Job) -> None:
    assert job.run("refused").returncode != 0
