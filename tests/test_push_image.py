"""push_image_ecr.sh, with git as it is and with stand-ins for docker and the AWS CLI."""

import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from releases import NEW, Repository, copy

SETTINGS = {
    "AWS_ACCOUNT_ID": "123456789012",
    "AWS_REGION": "sa-east-1",
    "ECR_REPO_NAME": "meu-bot",
}
IMAGE = "123456789012.dkr.ecr.sa-east-1.amazonaws.com/meu-bot"
DIGEST = "sha256:0a1b"

# It remembers in files what was created and pushed, as the service would.
AWS = f"""#!/usr/bin/env bash
echo "aws $*" >> "$STATE/calls"
case "$2" in
    describe-repositories) [[ -e "$STATE/repository" ]] ;;
    create-repository) touch "$STATE/repository" ;;
    get-login-password) echo secret ;;
    describe-images) [[ -e "$STATE/image" ]] && echo "{DIGEST}" ;;
esac
"""
DOCKER = """#!/usr/bin/env bash
echo "docker $*" >> "$STATE/calls"
case "$1" in
    login) [[ "$(cat)" == secret ]] ;;
    push) touch "$STATE/image" ;;
esac
"""


@dataclass(frozen=True, slots=True)
class Outcome:
    code: int
    said: str
    errors: str
    calls: list[str]


@pytest.fixture(scope="module")
def made_bot(releases: Repository, tmp_path_factory: pytest.TempPathFactory) -> Repository:
    return copy(releases, tmp_path_factory.mktemp("pushed") / "bot", NEW, {})


@pytest.fixture
def push(made_bot: Repository, tmp_path: Path) -> Callable[..., Outcome]:
    """Runs the script; `push(AWS_REGION="")` with other settings."""
    programs, state = tmp_path / "programs", tmp_path / "state"
    for folder in (programs, state):
        folder.mkdir()
    for name, text in (("aws", AWS), ("docker", DOCKER)):
        (programs / name).write_text(text, "utf-8")
        (programs / name).chmod(0o755)

    def push(**settings: str) -> Outcome:
        path = {"PATH": f"{programs}:{os.environ['PATH']}", "STATE": str(state)}
        script = str(made_bot.path / "push_image_ecr.sh")
        done = subprocess.run(
            [script],
            cwd=tmp_path,
            env={**os.environ, **path, **SETTINGS, **settings},
            capture_output=True,
            text=True,
        )
        log = state / "calls"
        calls = log.read_text("utf-8").splitlines() if log.exists() else []
        log.unlink(missing_ok=True)
        return Outcome(done.returncode, done.stdout, done.stderr, calls)

    return push


def test_the_image_of_the_commit_is_pushed_and_its_digest_printed(
    made_bot: Repository, push: Callable[..., Outcome]
) -> None:
    commit = made_bot.git("rev-parse", "HEAD").strip()

    outcome = push()

    assert outcome.code == 0, outcome.errors
    assert outcome.said == f"{IMAGE}@{DIGEST}\n"
    assert any(call.startswith("aws ecr create-repository") for call in outcome.calls)
    assert f"docker push {IMAGE}:{commit}" in outcome.calls


def test_a_second_time_creates_and_pushes_nothing(push: Callable[..., Outcome]) -> None:
    first, second = push(), push()

    assert (second.code, second.said) == (0, first.said)
    assert [call for call in second.calls if call.startswith("docker") or "create" in call] == []


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"AWS_ACCOUNT_ID": ""}, "set AWS_ACCOUNT_ID"),
        ({"AWS_REGION": ""}, "set AWS_REGION"),
        ({"ECR_REPO_NAME": ""}, "set ECR_REPO_NAME"),
        ({"AWS_ACCOUNT_ID": "12"}, "AWS_ACCOUNT_ID has 12 digits"),
    ],
)
def test_a_missing_setting_is_named_before_anything_happens(
    push: Callable[..., Outcome], settings: dict[str, str], words: str
) -> None:
    outcome = push(**settings)

    assert outcome.code != 0
    assert words in outcome.errors
    assert outcome.calls == []


def test_changes_without_a_commit_are_refused(
    made_bot: Repository, push: Callable[..., Outcome]
) -> None:
    notes = made_bot.path / "notes.txt"
    notes.write_text("mine", "utf-8")

    outcome = push()
    notes.unlink()

    assert outcome.code != 0
    assert "commit your changes first" in outcome.errors
    assert outcome.calls == []
