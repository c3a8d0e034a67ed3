"""The image that a bot's Dockerfile makes: what is in it, how large it is, and that it serves.

It is built and started without Docker, as tests/image.py says.
"""

import http.client
import json
import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from bot_environment import PYTHON
from image import PROTECTED_BY, START_SECONDS, Container, Image, build
from rendering import render

LOCAL_TABLE = Path(__file__).parent.parent / "local_table.py"
TABLE = "ImageTable"

MAX_MEBIBYTES = 200
# A drain may take 25 s; without a turn that runs, nothing is to be waited for.
STOP_SECONDS = 5
TEST_SECONDS = 600

SERVER = {"deployment": "docker", "channels": ["websocket", "rest"], "tracing": False}
ALL_OF_IT = {"deployment": "ecs", "channels": ["websocket", "rest", "whatsapp"], "tracing": True}
FUNCTION = {"deployment": "lambda", "channels": ["websocket", "rest", "whatsapp"], "tracing": False}

# What the function that the test puts into the image finds out about where it runs.
PROBE = """\
import os
from pathlib import Path


def handler(event, context):
    Path("/tmp/probe").write_text("mine")
    try:
        Path(__file__).with_name("written").write_text("not mine")
    except OSError as error:
        return {"event": event, "user": os.getuid(), "refused": type(error).__name__}
"""


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A folder that the image's user may enter, which pytest's own may not be."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


def make(template: Path, folder: Path, name: str, answers: dict[str, Any]) -> tuple[Path, Image]:
    """Return a bot as its owner has it, with private files beside the code, and its image."""
    bot = render(template, folder / name / "bot", {"language": "en", **answers})
    for private in (".env", ".git/config", ".local-aws/state", "app/__pycache__/old.pyc"):
        (bot / private).parent.mkdir(parents=True, exist_ok=True)
        (bot / private).write_text("private", "utf-8")
    if answers["deployment"] == "lambda":
        (bot / "app" / "probe.py").write_text(PROBE, "utf-8")
    work = folder / name / "image"
    work.mkdir()
    (folder / name).chmod(0o755)
    return bot, build(bot, work, {"VERSION": "0a1b2c", "SOURCE": "https://git.example.com/bot"})


@pytest.fixture(scope="module")
def server(template: Path, folder: Path) -> tuple[Path, Image]:
    return make(template, folder, "server", SERVER)


@pytest.fixture(scope="module")
def all_of_it(template: Path, folder: Path) -> tuple[Path, Image]:
    return make(template, folder, "all", ALL_OF_IT)


@pytest.fixture(scope="module")
def function(template: Path, folder: Path) -> tuple[Path, Image]:
    return make(template, folder, "function", FUNCTION)


@pytest.fixture(params=["server", "all_of_it", "function"])
def built(request: pytest.FixtureRequest) -> tuple[Path, Image]:
    made: tuple[Path, Image] = request.getfixturevalue(request.param)
    return made


@pytest.fixture(scope="module")
def endpoint(server: tuple[Path, Image], folder: Path) -> Iterator[str]:
    """The URL of a local AWS that has the table."""
    bot, _ = server
    process = subprocess.Popen(
        [str(PYTHON), str(LOCAL_TABLE), str(folder / "aws"), TABLE],
        cwd=bot,
        env={**os.environ, "PATH": f"{PYTHON.parent}:{os.environ['PATH']}"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    yield next(line.split()[1] for line in process.stdout if line.startswith("endpoint "))
    # The end of its input, upon which it ends.
    process.communicate(timeout=STOP_SECONDS + START_SECONDS)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def ask(port: int, method: str, path: str, body: object = None) -> tuple[int, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=START_SECONDS)
    try:
        headers = {"Content-Type": "application/json"}
        connection.request(method, path, json.dumps(body) if body else None, headers)
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    finally:
        connection.close()


def until_healthy(container: Container, port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while container.is_running and time.monotonic() < deadline:
        try:
            if ask(port, "GET", "/health")[0] == 200:
                return
        except OSError:
            time.sleep(0.02)
    raise AssertionError(container.kill())


@pytest.mark.parametrize("protection", [PROTECTED_BY])
@pytest.mark.parametrize("built", ["server", "all_of_it"], indirect=True)
def test_the_image_answers_is_healthy_and_stops_when_asked_protected_by(
    built: tuple[Path, Image], endpoint: str, protection: str
) -> None:
    port = free_port()
    settings = {
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "LLM_PROVIDER": "offline",
        "AWS_ENDPOINT_URL_DYNAMODB": endpoint,
        "DDB_TABLE": TABLE,
    }
    container = Container(built[1], settings)
    until_healthy(container, port)

    question = {"user_id": "ana", "question": "Hello!"}
    status, answer = ask(port, "POST", "/api/chats/completions", question)
    health = container.check_health()
    code, output = container.stop(STOP_SECONDS)

    assert (status, health.returncode, code) == (200, 0, 0), (answer, health, output)
    assert answer["full_text"]


def test_the_health_check_fails_where_nobody_answers(server: tuple[Path, Image]) -> None:
    container = Container(server[1], {"PORT": str(free_port())}, "sleep", "60")

    health = container.check_health()
    container.kill()

    assert health.returncode != 0
    assert "No answer on port" in health.stderr


class LambdaRuntime(ThreadingHTTPServer):
    """Lambda's runtime API, which has one event to hand out.

    Source: AWS Lambda developer guide, "Using the Lambda runtime API for custom runtimes".
    """

    def __init__(self, event: dict[str, Any]) -> None:
        super().__init__(("127.0.0.1", 0), _RuntimeRequest)
        self.events = [event]
        self.answers: list[Any] = []
        self.answered = threading.Event()
        self.closing = threading.Event()
        threading.Thread(target=self.serve_forever, daemon=True).start()


class _RuntimeRequest(BaseHTTPRequestHandler):
    server: LambdaRuntime

    def do_GET(self) -> None:
        if not self.server.events:
            # The function waits for the next event, as it does in Lambda; none ever comes.
            self.server.closing.wait()
            return
        event = json.dumps(self.server.events.pop()).encode()
        self.send_response(200)
        self.send_header("Lambda-Runtime-Aws-Request-Id", "one")
        self.send_header("Lambda-Runtime-Deadline-Ms", str(round((time.time() + 30) * 1000)))
        self.send_header("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:x:1:function:f")
        self.send_header("Lambda-Runtime-Trace-Id", "Root=1-0-0")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(event)))
        self.end_headers()
        self.wfile.write(event)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.answers.append((self.path, json.loads(body)))
        self.send_response(202)
        self.send_header("Content-Length", "0")
        self.end_headers()
        self.server.answered.set()

    def log_message(self, format: str, *args: Any) -> None:
        return


def invoke(image: Image, event: dict[str, Any], settings: dict[str, str], *command: str) -> Any:
    """Return what a function of the image answers to an event, in a container of its own."""
    runtime = LambdaRuntime(event)
    address = f"127.0.0.1:{runtime.server_address[1]}"
    container = Container(image, {"AWS_LAMBDA_RUNTIME_API": address, **settings}, *command)

    answered = runtime.answered.wait(START_SECONDS)
    output = container.kill()
    runtime.closing.set()
    runtime.shutdown()

    assert answered, output
    ((path, answer),) = runtime.answers
    assert path.endswith("/invocation/one/response"), (answer, output)
    return answer


def http_event(method: str, path: str, body: object) -> dict[str, Any]:
    """Return a request as API Gateway's HTTP API hands it over, in the payload format 2.0."""
    http = {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "203.0.113.7"}
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"host": "api.example.org", "content-type": "application/json"},
        "requestContext": {"stage": "$default", "http": http},
        "body": json.dumps(body),
        "isBase64Encoded": False,
    }


@pytest.mark.parametrize("protection", [PROTECTED_BY])
def test_the_image_of_the_functions_answers_a_question_as_it_is_protected_by(
    function: tuple[Path, Image], endpoint: str, protection: str
) -> None:
    question = {"user_id": "ana", "question": "Hello!"}
    settings = {
        "LLM_PROVIDER": "offline",
        "AWS_ENDPOINT_URL_DYNAMODB": endpoint,
        "DDB_TABLE": TABLE,
    }

    answer = invoke(function[1], http_event("POST", "/api/chats/completions", question), settings)

    assert answer["statusCode"] == 200, answer
    assert json.loads(answer["body"])["full_text"]


@pytest.mark.parametrize("protection", [PROTECTED_BY])
def test_a_function_of_the_image_may_write_in_tmp_alone_protected_by(
    function: tuple[Path, Image], protection: str
) -> None:
    answer = invoke(function[1], {"ask": "where am I?"}, {}, "app.probe.handler")

    assert answer["event"] == {"ask": "where am I?"}
    assert answer["refused"] in ("OSError", "PermissionError")
    assert answer["user"] == (10001 if os.geteuid() == 0 else os.geteuid())


@pytest.mark.parametrize("built", ["server", "function"], indirect=True)
def test_the_packages_without_tracing_are_small(built: tuple[Path, Image]) -> None:
    files = [f for f in built[1].path("/opt/venv").rglob("*") if f.is_file() and not f.is_symlink()]

    assert sum(file.stat().st_size for file in files) <= MAX_MEBIBYTES * 2**20


def test_nothing_but_the_code_and_the_packages_is_in_it(built: tuple[Path, Image]) -> None:
    inside = {path.name for path in built[1].path(".").iterdir()}

    assert inside - {"probe.py", "__pycache__"} == {
        *("app", "domain", "infra", "interface", "scripts"),
        *("main.py", "pins.txt", "pyproject.toml"),
    }
    texts = (path.read_bytes() for path in built[1].path(".").rglob("*") if path.is_file())
    assert all(text != b"private" for text in texts)


def test_every_module_of_it_is_compiled(built: tuple[Path, Image]) -> None:
    for folder in (built[1].path("."), built[1].site_packages):
        modules = list(folder.rglob("*.py"))
        assert modules
        assert [m for m in modules if not any((m.parent / "__pycache__").glob(f"{m.stem}.*"))] == []


def test_the_labels_tell_what_it_is_and_which_commit(built: tuple[Path, Image]) -> None:
    prefix = "org.opencontainers.image."

    assert built[1].labels == {
        f"{prefix}title": "meu-chatbot",
        f"{prefix}version": "0a1b2c",
        f"{prefix}source": "https://git.example.com/bot",
    }


@pytest.mark.parametrize("built", ["all_of_it"], indirect=True)
def test_the_bots_end_to_end_tests_pass_on_the_packages_of_the_image(
    built: tuple[Path, Image], folder: Path
) -> None:
    bot, image = built
    environment = folder / "tested"
    shutil.copytree(image.path("/opt/venv"), environment, symlinks=True)
    shutil.rmtree(bot / ".git")
    shutil.copy(bot / ".env-template", bot / ".env")
    path = {"PATH": f"{environment / 'bin'}:{PYTHON.parent}:{os.environ['PATH']}"}
    development = ("--require-hashes", "--group", "dev", "-c", "pins.txt")
    install = ["uv", "pip", "install", "--python", str(environment), *development]
    tests = [str(environment / "bin/python"), "-m", "pytest", "-q", "-n2", "tests/e2e"]

    for command in (install, [*tests, "-p", "no:cacheprovider"]):
        done = subprocess.run(
            command,
            cwd=bot,
            env={**os.environ, **path},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=TEST_SECONDS,
        )
        assert done.returncode == 0, done.stdout[-8000:]
