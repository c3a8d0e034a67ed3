"""Takes the time that the pages ask of somebody new: nox -s stopwatch [-- new-user] [-- new-preset].

`new-user` goes from the README to an edited prompt that answers in the browser, `new-preset` from CONTRIBUTING to the
green tests of a sixth preset. The commands are the pages' own; the template's public address leads to this checkout,
and Bedrock's wire ends in a stand-in that goes by its prompt. It is machine time: nobody reads or types.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from pages import commands
from rendering import export
from toy_preset import add_toy_preset

README = ROOT / "README.en.md"
CONTRIBUTING = ROOT / "CONTRIBUTING.md"
VERSION = "v999.0.0"
QUESTION = "What do you do?"
PROMPT = "You are the assistant of a bicycle workshop."
PRESET_VARIANT = "websocket+rest-toy-docker-traced-en"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
STOP_SECONDS = 60
# Set by nox, but for the last two: uv would put the bot's packages into the session's environment.
OF_THIS_PROCESS = (
    "NOX_CURRENT_SESSION",
    "UV_PROJECT_ENVIRONMENT",
    "UV_PYTHON",
    "VIRTUAL_ENV",
    "PYTHONDONTWRITEBYTECODE",
    "PYTHONPATH",
)
ANSWER_MILLISECONDS = 30_000

# Run in the bot, with its own stand-in for Bedrock.
BEDROCK = """
import asyncio, json, sys
sys.path.insert(0, ".")
from tests.support.bedrock_fake import BedrockFake, Reply

class ByThePrompt(BedrockFake):
    async def answer(self, request, exchange):
        prompt = json.loads(request.body)["system"][0]["text"]
        answer = "Bicycles, of course." if "bicycle" in prompt else "This and that."
        await self.play(Reply(text=(answer,)), request, exchange)

bedrock = ByThePrompt()
print(bedrock.url, flush=True)
sys.stdin.read()
"""


class Stopwatch:
    """Prints how long each step took, and all of them."""

    def __init__(self, title: str) -> None:
        self._seconds: list[float] = []
        print(f"\n{title}\n", flush=True)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Take the time of a step."""
        began = time.monotonic()
        yield
        self._seconds.append(time.monotonic() - began)
        print(f"{self._seconds[-1]:8.1f} s  {name}", flush=True)

    def end(self) -> None:
        """Print the sum."""
        print(f"{sum(self._seconds):8.1f} s  in all, of the machine alone", flush=True)


class Shell:
    """Types commands of the pages, as somebody in a folder."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder = folder
        self._environment = environment

    def type(self, command: str) -> None:
        """Run a command to its end; its output is shown if it fails."""
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=self.folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if done.returncode:
            sys.exit(f"{command}\n{done.stdout[-8000:]}")

    @contextmanager
    def serving(self, command: str) -> Iterator[str]:
        """Run a command that starts the bot; yields its address once it listens, and stops it at the end."""
        process = subprocess.Popen(
            ["bash", "-c", command],
            cwd=self.folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert process.stderr is not None
        said = []
        try:
            for line in process.stderr:
                said.append(line)
                if '"listening"' in line:
                    yield json.loads(line)["url"]
                    break
            else:
                sys.exit("".join(said)[-8000:])
        finally:
            os.killpg(process.pid, signal.SIGINT)
            process.communicate(timeout=STOP_SECONDS)


def main(parts: list[str]) -> None:
    with tempfile.TemporaryDirectory(prefix="stopwatch.") as name:
        folder = Path(name)
        if "new-user" in parts or not parts:
            new_user(folder)
        if "new-preset" in parts or not parts:
            new_preset(folder)


def new_user(folder: Path) -> None:
    """From the README to an edited prompt that answers in the browser."""
    public = commands(README.read_text("utf-8"))
    copy = next(command for command in public if command.startswith("uvx copier copy git+"))
    address = copy.split("git+")[1].split()[0]
    environment = {**_own_environment(), **_leading(address, _repository(folder / "template"))}
    shell = Shell(folder, environment)
    watch = Stopwatch("From the README to an edited prompt that answers in the browser")
    answers = "--defaults -d language=en"
    with watch.step(f"{copy} {answers}"):
        shell.type(copy.replace("uvx copier copy", f"uvx copier copy {answers}"))
    bot = Shell(folder / copy.split()[-1], environment)
    _, into_the_bot, commit = _commands(README, "cd ", "git init &&")
    assert into_the_bot == bot.folder.name
    with watch.step(commit):
        bot.type(commit)
    told = list(commands((bot.folder / "README.md").read_text("utf-8")))
    for command in ("cp .env-template .env", "uv run python main.py"):
        assert command in told, command
    with watch.step("cp .env-template .env"):
        bot.type("cp .env-template .env")
    with _browser() as page, ExitStack() as first, ExitStack() as second:
        with watch.step("uv run python main.py: packages, local AWS, until it listens"):
            url = first.enter_context(bot.serving("uv run python main.py"))
        with watch.step("the first answer in the browser, of the offline model"):
            _ask(page, url)
        first.close()
        bedrock = second.enter_context(_bedrock(bot))
        with watch.step("edit the prompt, take Bedrock in .env"):
            _edit(bot.folder, bedrock)
        with watch.step("uv run python main.py: again, until it listens"):
            url = second.enter_context(bot.serving("uv run python main.py"))
        with watch.step("the edited prompt answers in the browser"):
            answer = _ask(page, url)
    assert answer == "Bicycles, of course.", answer
    watch.end()


def new_preset(folder: Path) -> None:
    """From CONTRIBUTING to the green tests of a sixth preset."""
    told = list(commands(CONTRIBUTING.read_text("utf-8")))
    for command in ("nox -s golden", "nox -s variants -- whatsapp"):
        assert command in told, command
    template = _repository(folder / "contributed")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    shell = Shell(template, {**_own_environment(), "PATH": path})
    watch = Stopwatch('From "I want a new preset" to its green tests')
    with watch.step("one folder and one line: those of tests/toy_preset.py"):
        add_toy_preset(template)
    with watch.step("nox -s golden"):
        shell.type("nox -s golden")
    command = f"nox -s variants -- {PRESET_VARIANT}"
    with watch.step(f"{command}: its checks, and the quick part of its tests"):
        shell.type(command)
    watch.end()


def _own_environment() -> dict[str, str]:
    """Return the environment without what is set for this process alone."""
    kept = {name: value for name, value in os.environ.items() if name not in OF_THIS_PROCESS}
    named = {
        f"GIT_{who}_{what}": "new" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
    }
    return {**kept, **named, "PORT": "0", "UV_PYTHON_DOWNLOADS": "never"}


def _repository(folder: Path) -> Path:
    """Make a repository of this checkout, with one release."""
    export(folder)
    identity = ("-c", "user.name=template", "-c", "user.email=template@localhost")
    for command in (
        ["init", "-q"],
        ["add", "-A"],
        ["commit", "-qm", "A release"],
        ["tag", VERSION],
    ):
        subprocess.run(["git", *identity, *command], cwd=folder, check=True)
    return folder


def _leading(address: str, repository: Path) -> dict[str, str]:
    """Return the environment in which git takes a public address for a repository of this machine."""
    return {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{repository}.insteadOf",
        "GIT_CONFIG_VALUE_0": address,
    }


def _commands(page: Path, *beginnings: str) -> list[str]:
    """Return the first command of a page with each of these beginnings, the words of `cd` apart."""
    found = []
    for beginning in beginnings:
        command = next(c for c in commands(page.read_text("utf-8")) if c.startswith(beginning))
        found += command.split() if beginning == "cd " else [command]
    return found


@contextmanager
def _browser() -> Iterator[Page]:
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or None
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        environment: dict[str, str | float | bool] = {**os.environ, "HOME": home}
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS, env=environment)
        yield browser.new_page()
        browser.close()


def _ask(page: Page, url: str) -> str:
    """Open the chat page, ask, and return the whole answer."""
    page.goto(url)
    page.wait_for_selector("#connection[data-state=online]")
    page.fill("#question", QUESTION)
    page.press("#question", "Enter")
    done = "body[data-turn=idle] .message:last-child[data-role=assistant][data-state=done]"
    page.wait_for_selector(done, timeout=ANSWER_MILLISECONDS)
    answer: str = page.inner_text(".message:last-child .content")
    return answer


@contextmanager
def _bedrock(bot: Shell) -> Iterator[str]:
    """Yield the address of a Bedrock that answers."""
    python = bot.folder / ".venv" / "bin" / "python"
    with subprocess.Popen(
        [str(python), "-c", BEDROCK],
        cwd=bot.folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        # The end of its input, upon which it ends.


def _edit(bot: Path, bedrock: str) -> None:
    """Do what the bot's README tells: another prompt, and a model."""
    prompts = bot / "app" / "core" / "service" / "llm" / "graph" / "prompts.py"
    text = prompts.read_text("utf-8")
    head, _, rest = text.partition('SYSTEM_PROMPT = """')
    _, newline, kept = rest.partition("\n")
    prompts.write_text(f'{head}SYSTEM_PROMPT = """{PROMPT}{newline}{kept}', "utf-8")
    env = bot / ".env"
    changed = env.read_text("utf-8").replace("LLM_PROVIDER=offline", "LLM_PROVIDER=bedrock")
    env.write_text(f"{changed}AWS_ENDPOINT_URL_BEDROCK_RUNTIME={bedrock}\n", "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
