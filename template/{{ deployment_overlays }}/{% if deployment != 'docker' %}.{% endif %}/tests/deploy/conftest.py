"""One emulated AWS for all tests of the deploy script, and a region of it for each."""

import asyncio
import itertools
import os
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.local_aws.local_aws import LocalAws
from tests.deploy.cloud import SERVICES, Cloud

# Should a test run be killed, it soon ends by itself.
_LINGER_SECONDS = 20
_NUMBERS = itertools.count()


@pytest.fixture(scope="session")
def cloud_endpoint(
    clean_environment: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The URL of an emulated AWS, which the workers of pytest-xdist share."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    local_aws = LocalAws(shared / "deploy-aws", services=SERVICES, linger_seconds=_LINGER_SECONDS)
    yield asyncio.run(local_aws.start())
    asyncio.run(local_aws.stop())


@pytest.fixture
def cloud(cloud_endpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cloud:
    """A new, empty region, and a folder with a small stack."""
    folder = tmp_path / "bot"
    folder.mkdir()
    return Cloud(cloud_endpoint, _new_region(), folder, monkeypatch)


def _new_region() -> str:
    """Return a region of this worker's own; the emulated AWS has any."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    number = int(worker) * 1000 + next(_NUMBERS)
    letters = "".join(string.ascii_lowercase[number // 26**place % 26] for place in range(3))
    return f"us-test{letters}-1"
