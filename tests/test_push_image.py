"""push_image_ecr.sh, with git as it is and with stand-ins for docker and the AWS CLI.

PowerShell cannot be had everywhere: of push_image_ecr.ps1 it is tested that it says and calls the same.
"""

import os
import re
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
    describe-image-scan-findings) next=$(head -1 "$STATE/scans")
        (($(wc -l < "$STATE/scans") > 1)) && sed -i 1d "$STATE/scans"
        [[ "$next" != none ]] && echo "$next" ;;
esac
"""
# What the scan answers, one line for each time it is asked; the last one again and again.
CLEAN = "COMPLETE\tNone\tNone\tNone\tNone\tNone\tNone"
SOME = "COMPLETE\tNone\t2\tNone\t14\tNone\t1"
CRITICAL = "COMPLETE\t1\t2\tNone\tNone\tNone\tNone"
ENHANCED = "ACTIVE\t0\t3\tNone\tNone\tNone\tNone"
PENDING = "IN_PROGRESS\tNone\tNone\tNone\tNone\tNone\tNone"
NO_RESULT = "The scan has given no result"
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
    """Runs the script; `push(AWS_REGION="")` with other settings, `push(("none", CLEAN))` scanned so."""
    programs, state = tmp_path / "programs", tmp_path / "state"
    for folder in (programs, state):
        folder.mkdir()
    for name, text in (("aws", AWS), ("docker", DOCKER), ("sleep", "#!/usr/bin/env bash\n")):
        (programs / name).write_text(text, "utf-8")
        (programs / name).chmod(0o755)

    def push(scans: tuple[str, ...] = (CLEAN,), **settings: str) -> Outcome:
        (state / "scans").write_text("\n".join(scans) + "\n", "utf-8")
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


def test_a_base_image_without_a_digest_is_pushed_with_a_word_on_how_to_pin_it(
    made_bot: Repository, push: Callable[..., Outcome]
) -> None:
    by_tag = push()
    dockerfile = made_bot.path / "Dockerfile"
    text = dockerfile.read_text("utf-8")
    pinned = re.sub(r"^(FROM \S+)", rf"\1@sha256:{'a' * 64}", text, flags=re.MULTILINE)
    dockerfile.write_text(pinned, "utf-8")
    made_bot.git("commit", "--quiet", "--all", "--message", "Pin the base image")

    by_digest = push()

    assert "scripts.pin_base_image" in by_tag.errors
    assert "scripts.pin_base_image" not in by_digest.errors
    assert (by_tag.code, by_digest.code) == (0, 0)


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


@pytest.mark.parametrize(
    ("scans", "said"),
    [
        ((CLEAN,), "Findings of the scan: none"),
        (("none", PENDING, SOME), "Findings of the scan: HIGH 2, LOW 14, UNDEFINED 1"),
        ((ENHANCED,), "Findings of the scan: HIGH 3"),
        (("UNSUPPORTED_IMAGE" + "\tNone" * 6,), NO_RESULT),
    ],
)
def test_what_the_scan_found_is_said_before_the_digest(
    push: Callable[..., Outcome], scans: tuple[str, ...], said: str
) -> None:
    outcome = push(scans)

    assert (outcome.code, outcome.said) == (0, f"{IMAGE}@{DIGEST}\n")
    assert said in outcome.errors


@pytest.mark.parametrize(
    ("allowed", "code", "said"), [("", 3, ""), ("true", 0, f"{IMAGE}@{DIGEST}\n")]
)
def test_a_critical_finding_has_an_exit_code_of_its_own_unless_it_is_allowed(
    push: Callable[..., Outcome], allowed: str, code: int, said: str
) -> None:
    outcome = push((CRITICAL,), ALLOW_CRITICAL_FINDINGS=allowed)

    assert (outcome.code, outcome.said) == (code, said)
    assert "Findings of the scan: CRITICAL 1, HIGH 2" in outcome.errors


@pytest.mark.parametrize("seconds", ["0", "1"])
def test_a_scan_without_an_end_is_not_waited_for_without_end(
    push: Callable[..., Outcome], seconds: str
) -> None:
    outcome = push((PENDING,), SCAN_SECONDS=seconds)

    assert outcome.code == 0
    assert NO_RESULT in outcome.errors


MESSAGE = re.compile(
    r"""\b(?:say|fail) "(.+?)"(?: \S+)?(?=$|;| \})""", re.MULTILINE | re.IGNORECASE
)
OPERATION = re.compile(r"\becr ([a-z]+-[a-z-]+)", re.IGNORECASE)
OPTION = re.compile(r"\s(--[a-z-]+)")


def _plain(text: str) -> str:
    """Write variables as both scripts would."""
    text = re.sub(r"\$\(\$env:(\w+)\)|\$env:(\w+)", r"$\1\2", text)
    return re.sub(r"\$\{(\w+)\}", r"$\1", text)


@pytest.mark.parametrize("part", [MESSAGE, OPERATION, OPTION])
def test_the_script_for_windows_says_and_calls_the_same(
    template: Path, part: re.Pattern[str]
) -> None:
    shell, powershell = (
        (template / "template" / f"push_image_ecr.{suffix}").read_text("ascii")
        for suffix in ("sh", "ps1")
    )

    found = part.findall(_plain(shell))
    assert sorted(set(found)) == sorted(set(part.findall(_plain(powershell))))
    assert found
