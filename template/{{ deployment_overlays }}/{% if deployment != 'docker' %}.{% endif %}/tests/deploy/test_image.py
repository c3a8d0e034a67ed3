"""The bot's image on its way to the registry, with stand-ins for docker and for the registry."""

import base64
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from scripts.deployment import image, texts
from scripts.deployment.account import Account
from scripts.deployment.console import Console
from scripts.deployment.errors import DeploymentError

Capture = pytest.CaptureFixture[str]
URI = "registry.example.com/images"
REPOSITORY = {"RepositoryName": "images", "RepositoryUri": URI}
DIGEST = f"sha256:{'0' * 64}"
SCAN = "describe_image_scan_findings"


@dataclass(slots=True)
class Docker:
    """Remembers the commands; `fails` is the one that does not work."""

    fails: str = ""
    calls: list[list[str]] = field(default_factory=list)

    def run(self, command: list[str], **options: Any) -> SimpleNamespace:
        self.calls.append(command[1:])
        if self.fails == "slow":
            raise subprocess.TimeoutExpired(command, options["timeout"])
        return SimpleNamespace(returncode=int(command[1] == self.fails))


@pytest.fixture
def docker(monkeypatch: pytest.MonkeyPatch) -> Docker:
    stand_in = Docker()
    monkeypatch.setattr("shutil.which", lambda name: f"/bin/{name}")
    monkeypatch.setattr("subprocess.run", stand_in.run)
    monkeypatch.setattr(image, "_SCAN_POLL_SECONDS", 0.0)
    return stand_in


@pytest.fixture
def registry() -> Iterator[Stubber]:
    """Answers what the test has added, in that order."""
    keys = {"aws_access_key_id": "local", "aws_secret_access_key": "local"}
    with Stubber(boto3.client("ecr", region_name="us-east-1", **keys)) as stub:
        yield stub


def _push(registry: Stubber) -> str:
    session = SimpleNamespace(client=lambda *arguments, **options: registry.client)
    account = Account(session, "us-east-1", "000000000000")
    return image.push_image(account, Console(), REPOSITORY, "c0ffee")


def _add_missing(registry: Stubber) -> None:
    registry.add_client_error("describe_images", "ImageNotFoundException")
    token = base64.b64encode(b"AWS:a-password").decode()
    login = {"authorizationToken": token, "proxyEndpoint": "https://registry.example.com"}
    registry.add_response("get_authorization_token", {"authorizationData": [login]})


def _add_there(registry: Stubber) -> None:
    registry.add_response("describe_images", {"imageDetails": [{"imageDigest": DIGEST}]})


def _add_scan(registry: Stubber, status: str, **counts: int) -> None:
    findings = {"findingSeverityCounts": counts}
    scan = {"imageScanStatus": {"status": status}, "imageScanFindings": findings}
    registry.add_response(SCAN, scan)


def test_a_new_image_is_built_and_pushed(docker: Docker, registry: Stubber) -> None:
    _add_missing(registry)
    _add_there(registry)
    _add_scan(registry, "COMPLETE")

    address = _push(registry)

    assert address == f"{URI}@{DIGEST}"
    assert [call[0] for call in docker.calls] == ["version", "login", "build", "push"]
    assert docker.calls[-1] == ["push", f"{URI}:c0ffee"]


def test_an_image_that_is_there_is_not_built_again(docker: Docker, registry: Stubber) -> None:
    _add_there(registry)
    _add_scan(registry, "COMPLETE")

    assert _push(registry) == f"{URI}@{DIGEST}"
    assert docker.calls == []


@pytest.mark.parametrize(
    ("fails", "message"),
    [
        ("version", texts.DOCKER_SILENT),
        ("slow", texts.DOCKER_SILENT),
        ("login", texts.DOCKER_FAILED.format(command="login")),
        ("build", texts.DOCKER_FAILED.format(command="build")),
        ("push", texts.DOCKER_FAILED.format(command="push")),
    ],
)
def test_a_docker_that_fails_is_named(
    docker: Docker, registry: Stubber, fails: str, message: str
) -> None:
    docker.fails = fails
    _add_missing(registry)

    with pytest.raises(DeploymentError) as failure:
        _push(registry)

    assert str(failure.value) == message


def test_without_docker_nothing_is_built(
    registry: Stubber, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.which", lambda name: None)

    with pytest.raises(DeploymentError) as failure:
        image.require_docker()

    assert str(failure.value) == texts.DOCKER_MISSING


def test_the_findings_are_counted_by_severity(
    docker: Docker, registry: Stubber, capsys: Capture
) -> None:
    _add_there(registry)
    registry.add_client_error(SCAN, "ScanNotFoundException")
    _add_scan(registry, "IN_PROGRESS")
    _add_scan(registry, "ACTIVE", LOW=14, HIGH=2)

    _push(registry)

    assert texts.SCAN_FINDINGS.format(findings="HIGH 2, LOW 14") in capsys.readouterr().out


@pytest.mark.parametrize("allowed", [False, True])
def test_a_critical_finding_ends_the_deploy_unless_it_is_allowed(
    docker: Docker, registry: Stubber, monkeypatch: pytest.MonkeyPatch, allowed: bool
) -> None:
    monkeypatch.setenv("ALLOW_CRITICAL_FINDINGS", "true" if allowed else "")
    _add_there(registry)
    _add_scan(registry, "COMPLETE", CRITICAL=1)

    if allowed:
        assert _push(registry) == f"{URI}@{DIGEST}"
    else:
        with pytest.raises(DeploymentError, match="ALLOW_CRITICAL_FINDINGS"):
            _push(registry)


@pytest.mark.parametrize("status", ["FAILED", "UNSUPPORTED_IMAGE", "IN_PROGRESS"])
def test_a_scan_without_a_result_does_not_hold_the_deploy_up(
    docker: Docker,
    registry: Stubber,
    capsys: Capture,
    monkeypatch: pytest.MonkeyPatch,
    status: str,
) -> None:
    monkeypatch.setattr(image, "_SCAN_SECONDS", 0.01)
    monkeypatch.setattr(image, "_SCAN_POLL_SECONDS", 0.02)
    _add_there(registry)
    _add_scan(registry, status)

    _push(registry)

    assert texts.SCAN_UNFINISHED in capsys.readouterr().out
