"""Prometheus and its promtool, as Debian and others package them."""

import json
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest

_SECONDS = 60


def program(name: str) -> str:
    """Return the path of `prometheus` or `promtool`; without it the test fails."""
    found = shutil.which(name)
    if found is None:
        pytest.fail(
            f"there is no {name}: install Prometheus, on Debian and Ubuntu"
            " `sudo apt-get install --no-install-recommends prometheus`"
        )
    return found


def promtool(*arguments: str, folder: Path) -> None:
    """Run promtool in the folder; it must find nothing wrong."""
    done = subprocess.run(
        [program("promtool"), *arguments], cwd=folder, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr


class Prometheus:
    """A running server."""

    def __init__(self, url: str) -> None:
        self._url = url

    def query(self, expression: str) -> list[dict[str, Any]]:
        """Return the series of an expression, as they are now; fail if it is none."""
        result: list[dict[str, Any]] = self.get("query", query=expression)["result"]
        return result

    def get(self, path: str, **parameters: str) -> Any:
        """Return what the API answers."""
        with urlopen(f"{self._url}/api/v1/{path}?{urlencode(parameters)}", timeout=10) as answer:  # noqa: S310
            return json.load(answer)["data"]


@contextmanager
def running_prometheus(configuration: Path, storage: Path) -> Iterator[Prometheus]:
    """Run Prometheus on a free port of this machine."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    process = subprocess.Popen(
        [
            program("prometheus"),
            f"--config.file={configuration}",
            f"--storage.tsdb.path={storage}",
            f"--web.listen-address={address}",
            "--log.level=warn",
        ],
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        _wait_until_ready(f"http://{address}", process)
        yield Prometheus(f"http://{address}")
    finally:
        process.terminate()
        process.communicate(timeout=_SECONDS)


def _wait_until_ready(url: str, process: "subprocess.Popen[str]") -> None:
    deadline = time.monotonic() + _SECONDS
    while True:
        alive = process.poll() is None and time.monotonic() < deadline
        assert alive, process.communicate(timeout=_SECONDS)[1]
        try:
            with urlopen(f"{url}/-/ready", timeout=10):  # noqa: S310
                return
        except (URLError, OSError):
            time.sleep(0.1)
