"""The delivery jobs' own shell lines, run in order with stand-ins for what reaches AWS."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import pytest

from infrastructure.pipelines import Machine, Run, run_github, run_gitlab
from rendering import render

COMMIT = "0123456789abcdef0123456789abcdef01234567"  # pragma: allowlist secret
RUNNERS: dict[str, Callable[[Machine, tuple[str, ...]], Run]] = {
    "github": run_github,
    "gitlab": run_gitlab,
}
# Each writes down how it was called. `uv run … deploy` is scripts/deploy.py.
RECORD = '#!/usr/bin/env bash\necho "${0##*/} $*" >> "$CALLS"\n'
UV = """
[[ "$*" == *"--environment $FAILS "* ]] && { echo "The smoke test failed"; exit 1; }
while (($#)); do
    [[ "$1" == --output-file && -n "$ARTIFACT_MADE" ]] && echo "artifact=$ARTIFACT_MADE" > "$2"
    shift
done
exit 0
"""
DOCKER = """
[[ "$1" != exec || "$FAILS" != image ]]
"""
AWS = """
case "$*" in
    *imageTag=*) echo "${TAGGED:-None}" ;;
    *imageManifest*) echo '{"layers": []}' ;;
esac
"""
PUSH = """
[[ "$FAILS" == scan ]] && exit 3
echo "Scanned: nothing critical"
echo "$ARTIFACT_MADE"
"""


class Deliver(Protocol):
    def __call__(self, **settings: str) -> tuple[Run, list[str]]: ...


@pytest.fixture(params=sorted(RUNNERS))
def host(request: pytest.FixtureRequest) -> str:
    chosen: str = request.param
    return chosen


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    programs = tmp_path / "programs"
    programs.mkdir()
    scripts = {"uv": UV, "docker": DOCKER, "aws": AWS, "python": "", "apt-get": "", "sleep": ""}
    for name, text in scripts.items():
        _write_program(programs / name, text)
    return programs


@pytest.fixture
def deliver(template: Path, tmp_path: Path, programs: Path, host: str) -> Callable[..., Deliver]:
    """Renders a bot of a deployment; what it returns runs the delivery and tells who was called."""

    def of(deployment: str, jobs: tuple[str, ...]) -> Deliver:
        bot = render(template, tmp_path / "bot", {"ci": host, "deployment": deployment})
        _write_program(bot / "push_image_ecr.sh", PUSH)

        def deliver(**settings: str) -> tuple[Run, list[str]]:
            calls = tmp_path / "calls"
            given = {
                "CALLS": str(calls),
                "GITHUB_SHA": COMMIT,
                "CI_COMMIT_SHA": COMMIT,
                "ARTIFACT_MADE": "made-once",
                "FAILS": "nothing",
                **settings,
            }
            run = RUNNERS[host](Machine(bot, programs, given), jobs)
            return run, calls.read_text("utf-8").splitlines()

        return deliver

    return of


@pytest.fixture(params=["ecs", "lambda"])
def deployed(request: pytest.FixtureRequest, deliver: Callable[..., Deliver]) -> Deliver:
    return deliver(request.param, ("staging", "production"))


@pytest.fixture
def pushed(deliver: Callable[..., Deliver], host: str) -> Deliver:
    return deliver("docker", ("image" if host == "github" else "push", "production"))


def test_production_gets_the_artifact_of_staging(deployed: Deliver) -> None:
    run, calls = deployed()

    staging, production = _deploys(calls)
    assert set(run.ended.values()) == {0}, run.said
    assert "--environment staging" in staging and "--artifact" not in staging
    assert "--environment production" in production and "--artifact made-once" in production


def test_each_environment_is_deployed_by_its_own_roles(deployed: Deliver) -> None:
    _, calls = deployed()

    iam = "arn:aws:iam::123456789012:"
    for environment, call in zip(("staging", "production"), _deploys(calls), strict=True):
        assert f"--service-role {iam}role/delivery/meu-chatbot-cfn-{environment} " in call
        boundary = f"{iam}policy/delivery/meu-chatbot-boundary-{environment}"
        assert f"--parameter PermissionsBoundaryArn={boundary} " in call


def test_a_failed_smoke_test_stops_before_production(deployed: Deliver) -> None:
    run, calls = deployed(FAILS="staging")

    assert run.ended == {"staging": 1}
    assert [call for call in calls if "production" in call] == []


def test_without_staging_s_artifact_production_builds_none_of_its_own(deployed: Deliver) -> None:
    run, calls = deployed(ARTIFACT_MADE="")

    assert run.ended["production"] != 0
    assert "staging handed over no artifact" in run.said
    assert [call for call in _deploys(calls) if "production" in call] == []


IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/meu-chatbot@sha256:0a1b"


def test_the_image_that_was_tried_is_the_one_that_is_released(pushed: Deliver) -> None:
    run, calls = pushed(ARTIFACT_MADE=IMAGE)

    assert set(run.ended.values()) == {0}, run.said
    assert any(call.startswith("docker run") and call.endswith(IMAGE) for call in calls)
    released = [call for call in calls if call.startswith("aws ecr put-image")]
    assert len(released) == 1
    assert f"--image-tag production-{COMMIT} " in released[0]
    assert released[0].endswith("--image-digest sha256:0a1b")


def test_an_image_that_is_not_well_is_not_released(pushed: Deliver) -> None:
    run, calls = pushed(ARTIFACT_MADE=IMAGE, FAILS="image")

    assert list(run.ended.values()) == [1]
    assert any(call.startswith("docker logs") for call in calls)
    assert [call for call in calls if "put-image" in call] == []


def test_an_image_with_critical_findings_is_not_even_started(pushed: Deliver) -> None:
    run, calls = pushed(ARTIFACT_MADE=IMAGE, FAILS="scan")

    assert len(run.ended) == 1 and 0 not in run.ended.values()
    assert [call for call in calls if call.startswith("docker run")] == []


def test_releasing_again_changes_nothing(pushed: Deliver) -> None:
    run, calls = pushed(ARTIFACT_MADE=IMAGE, TAGGED="sha256:0a1b")

    assert set(run.ended.values()) == {0}, run.said
    assert [call for call in calls if "put-image" in call] == []


def _deploys(calls: list[str]) -> list[str]:
    return [call for call in calls if "scripts.deploy deploy" in call]


def _write_program(path: Path, text: str) -> None:
    path.write_text(RECORD + text, "utf-8")
    path.chmod(0o755)
