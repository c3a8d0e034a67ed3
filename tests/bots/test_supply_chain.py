"""What a bot's own sessions find in what it is made of."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rendering import render
from tools import pins

BOTS: dict[str, dict[str, Any]] = {
    "docker": {"channels": ["websocket", "rest", "whatsapp"]},
    "ecs": {"channels": ["whatsapp"], "deployment": "ecs", "tracing": False, "language": "en"},
    "lambda": {"channels": ["rest"], "deployment": "lambda", "graph_preset": "sales"},
}
# Forms of the services' own documentation; put together here, so that no scanner takes them for real.
PLANTED = {
    "AWS Access Key": 'KEY = "AKIA' + 'IOSFODNN7EXAMPLF"\n',
    "Private Key": "-----BEGIN RSA " + "PRIVATE KEY-----\n",
    "Hex High Entropy String": 'SECRET = "9f86d081884c7d659' + 'a2feaa0c55ad015"\n',
}


@pytest.fixture(params=BOTS)
def bot(request: pytest.FixtureRequest, template: Path, tmp_path: Path) -> Iterator[Path]:
    folder = render(template, tmp_path / "bot", BOTS[request.param])
    _git(folder, "init", "--quiet")
    _git(folder, "add", "--all")
    yield folder
    shutil.rmtree(folder / ".nox", ignore_errors=True)


def test_the_bill_of_materials_names_the_packages_of_the_image_as_they_are_pinned(
    bot: Path,
) -> None:
    done = _session(bot, "sbom")

    assert done.returncode == 0, done.stdout
    bill = json.loads((bot / "sbom.json").read_text("utf-8"))
    components = {f"{part['name'].lower()}=={part['version']}" for part in bill["components"]}
    assert bill["bomFormat"] == "CycloneDX"
    assert {re.sub(r"[-_.]+", "-", name) for name in components} == _installed(bot)


def test_there_is_no_secret_until_one_is_planted(bot: Path) -> None:
    clean = _session(bot, "secrets")
    assert clean.returncode == 0, clean.stdout

    (bot / "app" / "planted.py").write_text("".join(PLANTED.values()), "utf-8")
    _git(bot, "add", "--all")
    found = _session(bot, "secrets", "--reuse-existing-virtualenvs")
    assert found.returncode != 0
    assert re.findall("Secret Type: (.+)", found.stdout) == [*PLANTED]


def _installed(bot: Path) -> set[str]:
    """Return what the pins say of the image's packages, with signs in names as one."""
    dockerfile = (bot / "Dockerfile").read_text("utf-8")
    groups = re.findall(r"--group (\w+)", dockerfile)
    chosen = [part for group in groups for part in ("--group", f"pyproject.toml:{group}")]
    options = ("--quiet", "--no-header", "--no-annotate", "--no-emit-index-url")
    resolved = subprocess.run(
        ["uv", "pip", "compile", *options, "pyproject.toml", *chosen, "-c", "pins.txt"],
        cwd=bot,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\n")
    found = {line.partition(" ")[0] for line in resolved if "==" in line}
    pinned = {pin.partition(" ")[0] for pin in pins.requirements(pins.PINS.read_text("utf-8"))}
    assert found <= pinned
    return {re.sub(r"[-_.]+", "-", name) for name in found}


def _session(bot: Path, name: str, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "nox", "-s", name, *options],
        cwd=bot,
        env={
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )


def _git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True)
