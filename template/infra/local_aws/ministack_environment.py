"""The Python environment MiniStack runs in: its own, because it pins one exact botocore."""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import structlog

from infra.local_aws.errors import LocalAwsError
from infra.local_aws.waiting import until

_MINISTACK = "ministack==1.5.33"
_DOWNLOAD_MEGABYTES = 18
_CACHE_SECONDS = 20.0
_DOWNLOAD_SECONDS = 180.0
_LOG_TAIL_BYTES = 16_384
_LOG_TAIL_LINES = 15

logger = structlog.get_logger(__name__)


async def ministack_python(log: Path) -> str:
    """Return the path of a Python that has MiniStack; uv downloads it the first time.

    uv only makes the environment: it would stay in memory if it also ran MiniStack. What uv says
    goes to `log`.

    Raises:
        LocalAwsError: there is no uv, or the download failed or took longer than 180 s.
    """
    uv = _uv_command()
    # Without --offline uv would ask the package index again every few minutes, and need a network.
    if python := await _ask_uv([*uv, "--offline"], log, _CACHE_SECONDS):
        return python
    logger.info("local_aws_downloading_once", package=_MINISTACK, megabytes=_DOWNLOAD_MEGABYTES)
    if python := await _ask_uv(uv, log, _DOWNLOAD_SECONDS):
        return python
    raise LocalAwsError(
        f"uv could not download {_MINISTACK}, for which it has {_DOWNLOAD_SECONDS:.0f} s. Check "
        "the network and start the bot again; behind a proxy or a package mirror set HTTPS_PROXY "
        f"or UV_DEFAULT_INDEX. {log} ends with:\n{last_lines(log)}"
    )


def last_lines(log: Path) -> str:
    """Return the end of a log file, a few lines; empty if it cannot be read."""
    try:
        with log.open("rb") as stream:
            size = stream.seek(0, os.SEEK_END)
            stream.seek(max(0, size - _LOG_TAIL_BYTES))
            lines = stream.read().decode("utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    return "\n".join(lines[-_LOG_TAIL_LINES:])


def _uv_command() -> list[str]:
    running_uv = os.environ.get("UV", "")  # set by `uv run`
    executable = running_uv if Path(running_uv).is_file() else shutil.which("uv")
    if executable:
        return [executable]
    if importlib.util.find_spec("uv"):
        return [sys.executable, "-m", "uv"]
    raise LocalAwsError(
        "LOCAL_AWS=true needs uv to run MiniStack, and uv was not found. Install it "
        "(https://docs.astral.sh/uv/getting-started/installation/) and start the bot again, "
        "or set LOCAL_AWS=false and give the bot another DynamoDB."
    )


async def _ask_uv(uv: list[str], log: Path, seconds: float) -> str | None:
    """Return where MiniStack's Python is, or None if uv failed or was too slow."""
    process = _start_uv(uv, log)
    try:
        await until(lambda: process.poll() is not None, seconds)
    finally:
        if process.poll() is None:
            process.kill()
        output, _ = process.communicate()
    return output.strip() if process.returncode == 0 else None


def _start_uv(uv: list[str], log: Path) -> subprocess.Popen[str]:
    # The bot's own interpreter is at hand; left to choose, uv might first download another.
    tool_run = [*uv, "tool", "run", "--python", sys.executable, "--from", _MINISTACK]
    question = ["python", "-I", "-X", "utf8", "-c", "import sys; print(sys.executable)"]
    # Without a cache uv would delete the environment as soon as it has answered.
    environment = {name: value for name, value in os.environ.items() if name != "UV_NO_CACHE"}
    with log.open("wb") as stream:
        return subprocess.Popen(  # noqa: S603 - our own command
            [*tool_run, *question],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=stream,
            encoding="utf-8",
        )
