"""Every CloudFormation template of every variant, as the linters see it."""

import json
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from infrastructure.exceptions import EXCEPTIONS
from infrastructure.files import InfrastructureFile
from variants import choices

# CreateStack takes a template of up to 51,200 bytes in the request itself; a larger one needs a
# bucket. The rest is for what a bot's owner adds.
LARGEST_TEMPLATE_BYTES = 49_500

LIMIT_SECONDS = 200


@pytest.fixture(scope="module")
def findings(checkov: str, templates: list[Path]) -> dict[tuple[str, str], set[str]]:
    """What checkov fails, as check and resource, with the templates where it does."""
    files = [argument for path in templates for argument in ("--file", str(path))]
    options = ("--skip-download", "--quiet", "--compact", "--framework", "cloudformation")
    done = subprocess.run(
        [checkov, "-m", "checkov.main", *options, "--output", "json", *files],
        capture_output=True,
        text=True,
        timeout=LIMIT_SECONDS,
    )
    assert done.stdout.startswith("{"), done.stdout + done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    assert report["summary"]["parsing_errors"] == 0, report
    assert report["summary"]["passed"] > len(templates)
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for check in report["results"]["failed_checks"]:
        resource = check["resource"].rpartition(".")[2]
        found[check["check_id"], resource].add(check["file_abs_path"])
    return found


@pytest.fixture(scope="module")
def templates(cloudformation_files: list[InfrastructureFile]) -> list[Path]:
    return [file.path for file in cloudformation_files]


def test_every_target_has_its_templates(cloudformation_files: list[InfrastructureFile]) -> None:
    names = {(file.variant.deployment, file.path.name) for file in cloudformation_files}

    assert names == {
        (deployment, name)
        for deployment in set(choices("deployment")) - {"docker"}
        for name in ("artifacts.yaml", "stack.yaml")
    } | {(deployment, "delivery-role.yaml") for deployment in choices("deployment")} | {
        ("docker", "bot-policy.yaml")
    }


def test_cfn_lint_finds_nothing(templates: list[Path]) -> None:
    command = str(Path(sys.executable).with_name("cfn-lint"))
    lint = [command, "--format", "parseable", "--", *map(str, templates)]

    done = subprocess.run(lint, capture_output=True, text=True, timeout=LIMIT_SECONDS)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_checkov_finds_nothing_without_an_exception(
    findings: dict[tuple[str, str], set[str]],
) -> None:
    unexplained = {
        found: min(where) for found, where in findings.items() if found not in EXCEPTIONS
    }

    assert not unexplained, "\n".join(f"{found}: {where}" for found, where in unexplained.items())


def test_every_exception_still_applies(findings: dict[tuple[str, str], set[str]]) -> None:
    assert EXCEPTIONS.keys() - findings.keys() == set()


def test_templates_fit_into_a_request(templates: list[Path]) -> None:
    sizes = {path: path.stat().st_size for path in templates}

    assert {p: size for p, size in sizes.items() if size > LARGEST_TEMPLATE_BYTES} == {}
