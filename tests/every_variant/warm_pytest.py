"""Run by the bots' Python: imports what the bots need once, and runs tests in forks of itself.

Reads a line of JSON for each run, `{"folder": …, "tests": [module or node id, …], "without": [node id, …]}`, and
answers with one: `{"outcomes": {module: passed}, "reads": {module: [path, …] or null}, "output": …}`. `reads` has
the files of the bot that the tests of a module opened or listed, but not what they imported; it is null if they
started a process.
"""

import contextlib
import gc
import importlib
import json
import os
import signal
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

PACKAGES = [
    "aiobotocore.session",
    "aiohttp.web",
    "boto3",
    "cryptography.hazmat.primitives.asymmetric.rsa",
    "dependency_injector.containers",
    "fastapi",
    "httpx",
    "hypothesis.stateful",
    "hypothesis.strategies",
    "jsonschema",
    "jwt",
    "langchain_aws",
    "langchain_core.language_models",
    "langfuse",
    "langgraph.graph",
    "mangum",
    "prometheus_client",
    "pydantic_settings",
    "pytest_asyncio",
    "regex",
    "structlog",
    "uvicorn",
    "websockets.asyncio.client",
]
OPTIONS = ["-q", "-o", "addopts=", "-p", "no:cacheprovider", "-p", "no:xdist"]
# Its other transport stands behind an emulated gateway; the full suites run that.
NOT_QUICK = ["-k", "not gateway"]
LIMIT_SECONDS = 120


class Observer:
    """Notes for each module whether its tests passed, and what they looked at."""

    def __init__(self, folder: str) -> None:
        self.outcomes: dict[str, bool] = defaultdict(lambda: True)
        self.reads: dict[str, set[str] | None] = defaultdict(set)
        self._folder = folder + os.sep
        self._module = ""
        sys.addaudithook(self._hear)

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self._module = nodeid.partition("::")[0]
        self.outcomes[self._module] &= True

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.outcomes[report.nodeid.partition("::")[0]] = False

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.outcomes[report.nodeid.partition("::")[0]] = False

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        # What pytest then clears up has names as if of the bot.
        self._module = ""

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self._module:
            return
        if event == "subprocess.Popen":
            self.reads[self._module] = None
        elif event in ("open", "os.listdir", "os.scandir") and isinstance(arguments[0], str):
            # Who imports a module opens it for bytes; what is read as a text is data.
            is_text = event == "open" and arguments[1] == "r"
            self._note(os.path.abspath(arguments[0]), is_text=is_text)

    def _note(self, path: str, *, is_text: bool) -> None:
        reads = self.reads[self._module]
        is_module = path.endswith((".py", ".pyc")) and not is_text
        is_ours = path.startswith(self._folder) and not is_module
        if reads is not None and is_ours and "__pycache__" not in path:
            reads.add(path.removeprefix(self._folder))


def run(job: dict[str, Any], answer: Path) -> None:
    """Run the tests of a bot in this process, and write down what came out."""
    folder = job["folder"]
    os.chdir(folder)
    sys.path.insert(0, folder)
    observer = Observer(folder)
    without = [f"--deselect={test}" for test in job["without"]]
    pytest.main([*OPTIONS, *NOT_QUICK, *without, *job["tests"]], plugins=[observer])
    reads = {
        module: files if files is None else sorted(files)
        for module, files in observer.reads.items()
    }
    answer.write_text(json.dumps({"outcomes": observer.outcomes, "reads": reads}), "utf-8")


def run_in_fork(job: dict[str, Any], scratch: Path) -> dict[str, Any]:
    """Run a job's tests in a fork of this process, and return what it wrote down and printed."""
    output, answer = scratch / "output", scratch / "answer"
    answer.unlink(missing_ok=True)
    child = os.fork()
    if child == 0:
        with output.open("wb") as stream:
            os.dup2(stream.fileno(), 1)
            os.dup2(stream.fileno(), 2)
        signal.alarm(LIMIT_SECONDS)
        try:
            run(job, answer)
        finally:
            sys.stdout.flush()
            os._exit(0)
    os.waitpid(child, 0)
    said = output.read_text("utf-8", errors="replace")
    results = (
        json.loads(answer.read_text("utf-8")) if answer.exists() else {"outcomes": {}, "reads": {}}
    )
    return {**results, "output": said}


def main() -> None:
    for package in PACKAGES:
        importlib.import_module(package)
    gc.freeze()
    with tempfile.TemporaryDirectory() as scratch, contextlib.suppress(KeyboardInterrupt):
        for line in sys.stdin:
            answer = run_in_fork(json.loads(line), Path(scratch))
            print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
