"""An AWS on this machine: MiniStack, as a process of its own."""

import os
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

REGION = "us-east-1"

_START_SECONDS = 60
_STOP_SECONDS = 20


@dataclass(frozen=True, slots=True)
class EmulatedAws:
    """Where it is; it takes any credentials, and every account is 000000000000."""

    endpoint: str

    def client(self, service: str) -> Any:
        """Return a client of boto3 that does not try twice."""
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id="test",
            aws_secret_access_key="test",  # noqa: S106 - it is none
            config=Config(retries={"total_max_attempts": 1}, proxies={}),
        )


@contextmanager
def emulated_aws(python: str, folder: Path) -> Iterator[EmulatedAws]:
    """Run MiniStack with a Python that has it; its state and its log are in the folder."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "STATE_DIR": str(folder / "state"),
        "MINISTACK_REGION": REGION,
    }
    log = folder / "ministack.log"
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [python, "-m", "ministack"],
            env=os.environ | settings,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
        )
    try:
        aws = EmulatedAws(f"http://127.0.0.1:{port}")
        _wait_until_it_answers(aws, process, log)
        yield aws
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_it_answers(aws: EmulatedAws, process: subprocess.Popen[bytes], log: Path) -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(OSError), opener.open(f"{aws.endpoint}/_ministack/health", timeout=5):
            return
        time.sleep(0.1)
    raise AssertionError(f"MiniStack did not start:\n{log.read_text('utf-8', errors='replace')}")
