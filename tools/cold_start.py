"""Measures how soon a bot answers after its start: nox -s cold_start [-- --runs 9 -d tracing=false].

Each run starts a bare FastAPI application and the bot by turns, with compiled bytecode and the
table on this machine, and takes the time from the start of the process to the first answer of
/health, to /ready, and to the end of the first turn with the offline model. The second turn of the
same process tells how much of that is the offline model's own pace.
"""

import argparse
import http.client
import json
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import copier
import yaml

ROOT = Path(__file__).resolve().parent.parent
LOCAL_TABLE = ROOT / "tests" / "local_table.py"
TABLE = "ColdStartTable"
START_SECONDS = 60
IMPORTS = 12

FLOOR = """\
import sys
import uvicorn
from fastapi import FastAPI

app = FastAPI()


@app.get("/health")
async def health() -> dict[str, str]:
    return {"status": "ok"}


uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="error")
"""


@contextmanager
def started(command: list[str], folder: Path, environment: Mapping[str, str]) -> Iterator[None]:
    """Run a process as long as the block; its output is thrown away."""
    nothing = subprocess.DEVNULL
    with subprocess.Popen(
        command, cwd=folder, env=environment, stdin=nothing, stdout=nothing, stderr=nothing
    ) as process:
        try:
            yield
        finally:
            process.terminate()


@contextmanager
def table(python: Path, bot: Path, state: Path) -> Iterator[str]:
    """Give the URL of a local AWS that has the table."""
    process = subprocess.Popen(
        [str(python), str(LOCAL_TABLE), str(state), TABLE],
        cwd=bot,
        env={**os.environ, "PATH": f"{python.parent}{os.pathsep}{os.environ['PATH']}"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        yield next(line.split()[1] for line in process.stdout if line.startswith("endpoint "))
    finally:
        # The end of its input, upon which it ends.
        process.communicate(timeout=START_SECONDS)


def ask(port: int, method: str, path: str, body: object = None) -> int:
    """Return the status of a request's answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=START_SECONDS)
    try:
        headers = {"Content-Type": "application/json"}
        connection.request(method, path, json.dumps(body) if body else None, headers)
        response = connection.getresponse()
        response.read()
        return response.status
    finally:
        connection.close()


def until_ok(port: int, path: str) -> None:
    """Return once the path is answered with 200."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            if ask(port, "GET", path) == http.HTTPStatus.OK:
                return
        except OSError:
            time.sleep(0.005)
    raise TimeoutError(f"{path} was not answered within {START_SECONDS} s")


def turn(port: int) -> None:
    """Ask one question and wait for the whole answer."""
    question = {"user_id": "ana", "question": "Hello!"}
    status = ask(port, "POST", "/api/chats/completions", question)
    assert status == http.HTTPStatus.OK, status


def floor_times(python: Path, folder: Path) -> dict[str, float]:
    """Return the seconds of a bare FastAPI application."""
    port = free_port()
    begin = time.perf_counter()
    with started([str(python), "-c", FLOOR, str(port)], folder, {"PATH": os.environ["PATH"]}):
        until_ok(port, "/health")
        return {"FastAPI alone, /health": time.perf_counter() - begin}


def bot_times(python: Path, bot: Path, endpoint: str) -> dict[str, float]:
    """Return the seconds of the bot, whose table is at this endpoint."""
    port = free_port()
    settings = {
        "PATH": os.environ["PATH"],
        "HOST": "127.0.0.1",
        "LLM_PROVIDER": "offline",
        "AWS_ENDPOINT_URL_DYNAMODB": endpoint,
        "DDB_TABLE": TABLE,
    }
    times: dict[str, float] = {}
    begin = time.perf_counter()
    with started([str(python), "main.py"], bot, {**settings, "PORT": str(port)}):
        until_ok(port, "/health")
        times["the bot, /health"] = time.perf_counter() - begin
        until_ok(port, "/ready")
        times["the bot, /ready"] = time.perf_counter() - begin
        turn(port)
        times["the bot, first turn finished"] = time.perf_counter() - begin
        begin = time.perf_counter()
        turn(port)
        times["the bot, a second turn alone"] = time.perf_counter() - begin
    return times


def imports(python: Path, bot: Path, code: str) -> list[tuple[str, float]]:
    """Return the milliseconds that each top package takes to import by itself, the most first."""
    done = subprocess.run(
        [str(python), "-X", "importtime", "-c", code], cwd=bot, capture_output=True, text=True
    )
    own: Counter[str] = Counter()
    for microseconds, module in re.findall(r"import time: +(\d+) \| +\d+ \| +(\S+)", done.stderr):
        own[module.split(".")[0]] += int(microseconds)
    return [(name, microseconds / 1000) for name, microseconds in own.most_common(IMPORTS)]


def free_port() -> int:
    """Return a port of this machine that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def main() -> None:
    parser = argparse.ArgumentParser(prog="nox -s cold_start --")
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("-d", "--data", action="append", default=[], metavar="QUESTION=ANSWER")
    options = parser.parse_args()
    answers = dict(answer.split("=", 1) for answer in options.data)
    python = Path(os.environ["BOT_PYTHON"])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        bot = folder / "bot"
        data = {question: yaml.safe_load(answer) for question, answer in answers.items()}
        copier.run_copy(str(ROOT), bot, data=data, defaults=True, quiet=True, vcs_ref="HEAD")
        with table(python, bot, folder / "aws") as endpoint:
            # The first run compiles the bot's own modules, and does not count.
            runs = [
                floor_times(python, folder) | bot_times(python, bot, endpoint)
                for _ in range(options.runs + 1)
            ][1:]
        before = imports(python, bot, "import main")
        turn_code = "import main, app.core.service.llm.graph.orchestrator_agent_service"
        bedrock = f"{turn_code}, app.core.service.llm.bedrock_chat_service"
        in_a_turn = imports(python, bot, bedrock)
    report(runs, before, in_a_turn)


def report(
    runs: list[dict[str, float]],
    before: list[tuple[str, float]],
    in_a_turn: list[tuple[str, float]],
) -> None:
    """Print the medians, their ratio to the first, and the costliest imports."""
    load = " ".join(f"{value:.2f}" for value in os.getloadavg())
    print(f"{len(runs)} runs, median [least], load {load}, Python {sys.version.split()[0]}")
    least = statistics.median(next(iter(run.values())) for run in runs)
    for what in runs[0]:
        seconds = [run[what] for run in runs]
        median = statistics.median(seconds)
        print(f"{what:32} {median:6.2f} s [{min(seconds):.2f}]  x {median / least:.1f}")
    for title, rows in (("to listen", before), ("and for a turn with Bedrock", in_a_turn)):
        print(f"Imports {title}: " + ", ".join(f"{name} {ms:.0f} ms" for name, ms in rows))


if __name__ == "__main__":
    main()
