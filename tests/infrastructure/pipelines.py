"""Runs the shell lines of a bot's delivery jobs, in the order and with the values of its workflow."""

import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml


@dataclass(frozen=True, slots=True)
class Run:
    """What a pipeline did: how each job ended, and what all of them said."""

    ended: dict[str, int]
    said: str


@dataclass(frozen=True, slots=True)
class Machine:
    """Where jobs run: the bot's folder, and a folder of programs that come before the machine's."""

    bot: Path
    programs: Path
    given: Mapping[str, str] = field(default_factory=dict)

    def shell(self, script: str, env: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
        """Run a script as both hosts do: in bash, which stops at the first failure."""
        path = f"{self.programs}{os.pathsep}{os.environ['PATH']}"
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
            cwd=self.bot,
            env={"PATH": path, "TMPDIR": str(self.programs), **self.given, **env},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=60,
        )


def run_github(machine: Machine, jobs: tuple[str, ...]) -> Run:
    """Run jobs of deliver.yml; one whose `needs` failed does not run."""
    workflow = yaml.safe_load((machine.bot / ".github/workflows/deliver.yml").read_text("utf-8"))
    context: dict[str, Any] = {
        "github": {"run_id": "1", "sha": machine.given["GITHUB_SHA"]},
        "secrets": {"CHATBOT_TOKEN": "token"},
        "vars": {"AWS_ACCOUNT_ID": "123456789012"},
        "needs": {},
    }
    context["env"] = _filled(workflow["env"], context)
    run = Run({}, "")
    for name in jobs:
        job = workflow["jobs"][name]
        needed = job["needs"] if isinstance(job["needs"], list) else [job["needs"]]
        if any(run.ended.get(other, 0) for other in needed):
            continue
        code, said, steps = _github_job(machine, job, context)
        run = Run({**run.ended, name: code}, run.said + said)
        context["needs"][name] = {
            "outputs": _filled(job.get("outputs", {}), {**context, "steps": steps})
        }
    return run


def _github_job(
    machine: Machine, job: dict[str, Any], context: dict[str, Any]
) -> tuple[int, str, dict[str, Any]]:
    steps: dict[str, Any] = {}
    said = ""
    for number, step in enumerate(job["steps"]):
        if "run" not in step:
            continue
        files = {name: machine.programs / f"{name}-{number}" for name in ("OUTPUT", "SUMMARY")}
        for file in files.values():
            file.write_text("")
        env = {
            **context["env"],
            **_filled(step.get("env", {}), {**context, "steps": steps}),
            "GITHUB_OUTPUT": str(files["OUTPUT"]),
            "GITHUB_STEP_SUMMARY": str(files["SUMMARY"]),
        }
        done = machine.shell(step["run"], env)
        said += done.stdout
        if "id" in step:
            steps[step["id"]] = {"outputs": _values(files["OUTPUT"])}
        if done.returncode:
            return done.returncode, said, steps
    return 0, said, steps


def _filled(texts: Mapping[str, str], context: Mapping[str, Any]) -> dict[str, str]:
    """Put the values of the context where expressions name them."""

    def value(match: re.Match[str]) -> str:
        found: Any = context
        for name in match[1].split("."):
            # GitHub has an empty text for what is not there.
            found = found.get(name, "") if isinstance(found, Mapping) else ""
        return str(found)

    return {
        name: re.sub(r"\$\{\{ ([\w.-]+) \}\}", value, str(text)) for name, text in texts.items()
    }


def run_gitlab(machine: Machine, jobs: tuple[str, ...]) -> Run:
    """Run jobs of .gitlab/deliver.yml; one whose `needs` failed does not run."""
    pipeline = yaml.safe_load((machine.bot / ".gitlab/deliver.yml").read_text("utf-8"))
    account = {"AWS_ACCOUNT_ID": "123456789012", "AWS_ID_TOKEN": "identity"}
    handed_over: dict[str, str] = {}
    run = Run({}, "")
    for name in jobs:
        job = pipeline[name]
        base = pipeline[job["extends"]]
        if any(run.ended.get(other, 0) for other in job.get("needs", [])):
            continue
        env = _expanded({**account, **base["variables"], **job.get("variables", {})})
        script = "\n".join([*base["before_script"], *job["script"]])
        done = machine.shell(script, {**env, **handed_over})
        run = Run({**run.ended, name: done.returncode}, run.said + done.stdout)
        report = job.get("artifacts", {}).get("reports", {}).get("dotenv")
        if report and (machine.bot / report).exists():
            handed_over |= _values(machine.bot / report)
    return run


def _expanded(variables: Mapping[str, str]) -> dict[str, str]:
    expanded = dict(variables)
    for _ in variables:
        for name, text in expanded.items():
            expanded[name] = re.sub(r"\$(\w+)", lambda m: expanded.get(m[1], m[0]), text)
    return expanded


def _values(file: Path) -> dict[str, str]:
    lines = file.read_text("utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)
