"""Every command that a page tells people to type is executed: here, or by another test that the table names."""

import json
import os
import re
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from bot_environment import PYTHON
from commands.collecting import commands_of_all_pages
from commands.conftest import RenderBot
from commands.programs import programs
from commands.shell import Shell, powershell
from commands.table import RUN, SPOKEN_OF, TRANSLATED, TYPED
from commands.test_recipes import owned, page
from pages import commands
from recipes import blocks
from releases import OLD, Repository, copy
from rendering import export
from sources import sources
from toy_preset import add_toy_preset
from variants import ROOT, Variant
from walks import walk

EVERY_CHANNEL = Variant(("websocket", "rest", "whatsapp"), "basic", "docker", True, "en")
OPERATOR = {"OPERATOR_API_KEYS": "try-me:Support"}
TRACED = {"LANGFUSE_SECRET_KEY": "of-this-test"}
IDENTITY = {
    f"GIT_{who}_{what}": "owner" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
}
LISTENING = '"listening"'
PORT = 8181
START_SECONDS = 60
STACKS = ("delivery", "delivery-staging", "delivery-production")
# The bot's own tests that are quick, where it is only to be seen that they are run.
FEW_TESTS = {"PYTEST_ADDOPTS": "-n0 -p no:cacheprovider tests/unit/test_keys.py"}
FEW_CASES = 5
# Without what needs the packages that the drills have beside the bot's.
COLLECTED = {"PYTEST_ADDOPTS": "--collect-only -q --ignore=tests/fire/test_openapi.py"}

NewShell = Callable[..., Shell]


@pytest.fixture
def new_shell(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[NewShell]:
    """Opens shells in folders, `new_shell(folder, {word: here}, NAME=value)`; all that the table has is typed."""
    shells: list[Shell] = []

    def opened(folder: Path, replaced: dict[str, str] | None = None, **environment: str) -> Shell:
        path = os.pathsep.join((str(programs()), str(PYTHON.parent), os.environ["PATH"]))
        # nox asks this uv for its environments.
        here = {"PATH": path, "UV": str(programs() / "uv"), "CALLS": str(tmp_path / "calls")}
        given = {**here, **IDENTITY, **environment}
        shells.append(Shell(folder, given, dict(replaced or {})))
        return shells[-1]

    yield opened
    typed = {command for shell in shells for command in shell.typed}
    assert typed == set(TYPED[request.function.__name__])


def rows(request: pytest.FixtureRequest) -> list[str]:
    return list(TYPED[request.function.__name__])


def canonical(command: str) -> str:
    """Return the command as the page in English has it."""
    for word, english in TRANSLATED.items():
        command = command.replace(word, english)
    return command


def test_every_command_of_every_page_is_executed(
    template: Path, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    found = {
        canonical(command): where
        for command, where in commands_of_all_pages(template, tmp_path).items()
    }
    typed = {command for typed in TYPED.values() for command in typed}
    executed = typed | RUN.keys()

    assert {c: where for c, where in found.items() if c not in executed | SPOKEN_OF.keys()} == {}
    assert (executed | SPOKEN_OF.keys()) - found.keys() == set()
    assert typed & RUN.keys() == set()
    record_property("commands", f"{len(found)} commands, all executed: {len(typed)} typed here,")
    others = f"{len(RUN)} run by other tests, {len(SPOKEN_OF)} short for one of those"
    record_property("commands", others)


@pytest.mark.parametrize("command", RUN)
def test_what_runs_a_command_elsewhere_is_there(command: str, template: Path) -> None:
    where, _, name = RUN[command].where.partition("::")
    own = where.removeprefix("bot: ")
    files = (
        [s.path for s in sources(template) if s.destination.as_posix() == own]
        if where.startswith("bot: ")
        else [ROOT / where]
    )
    texts = [file.read_text("utf-8") for file in files]

    assert any(all(word in text for word in RUN[command].words) for text in texts)
    assert not name or any(f"def {name}(" in text for text in texts)


def test_what_a_sentence_abbreviates_is_executed() -> None:
    executed = {command for typed in TYPED.values() for command in typed} | RUN.keys()

    for short, command in SPOKEN_OF.items():
        assert short in command
        assert command in executed


def test_the_commands_of_the_recipes_are_those_of_their_page() -> None:
    told = {*commands(page("en"))} - {"uv run nox"}

    assert told == set(TYPED["test_a_recipe_does_what_it_says"])
    assert "uv run nox" in next(blocks(page("en"))).text


def test_a_bot_is_started_and_talked_to(
    request: pytest.FixtureRequest, new_shell: NewShell, render_bot: RenderBot, tmp_path: Path
) -> None:
    bot = shutil.copytree(render_bot(EVERY_CHANNEL), tmp_path / "bot")
    port, graph = a_port(), free_port()
    here = {} if port == PORT else at_another_port(port)
    shell = new_shell(
        bot, here, PORT=str(port), WHATSAPP_GRAPH_URL=f"http://127.0.0.1:{graph}", **OPERATOR
    )
    commit, make_env, start, *rest = rows(request)
    health, ask, ask_as_openai, wscat, *clients = rest[:8]
    whatsapp, chat, tickets, *collect = rest[8:13]
    export_, count, erase, pseudonym, check = rest[13:]

    shell.type(commit)
    shell.type(make_env)
    with shell.running(start, LISTENING):
        assert '"status":"ok"' in shell.type(health)
        assert "full_text" in shell.type(ask)
        assert "chat.completion" in shell.type(ask_as_openai)
        shell.type(wscat)
        assert first_event(shell.calls()[-1][-1]) == "connected"
        for client in clients:
            assert "Hello!" in shell.type(client)
        assert "Hello!" in shell.type(whatsapp, answer="Hello!\n")
        assert "A person has this chat" in shell.type(chat, answer="I want a human\n")
        assert "ticket_id" in shell.type(tickets)
        for command in collect:
            # Nobody has collected anything.
            shell.type(command)
        assert shell.type(check) == ""
        talk_as(shell, "USER_ID")
        shell.type(export_)
        assert "USER_ID" in (bot / "person.jsonl").read_text("utf-8")
        assert "MSG" in shell.type(count)
        shell.type(erase)
        shell.environment |= TRACED
        assert "USER_ID" not in shell.type(pseudonym)


def a_port() -> int:
    """Return the port that the pages name, or a free one if something has that."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", PORT))
        except OSError:
            return free_port()
    return PORT


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def at_another_port(port: int) -> dict[str, str]:
    url = f"--url http://127.0.0.1:{port}"
    clients = {f'{kind} "Hello!"': f'{kind} "Hello!" {url}' for kind in ("py", "mjs")}
    return {str(PORT): str(port), **clients, "-m scripts.whatsapp": f"-m scripts.whatsapp {url}"}


def first_event(url: str) -> str:
    """Return the kind of the first event that the socket sends."""
    script = (
        "import json, sys\nfrom websockets.sync.client import connect\n"
        "with connect(sys.argv[1], proxy=None) as socket: print(json.loads(socket.recv())['type'])"
    )
    done = subprocess.run(
        [str(PYTHON), "-c", script, url], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def talk_as(shell: Shell, user_id: str) -> None:
    """Have a user in the table."""
    url = f"http://127.0.0.1:{shell.environment['PORT']}"
    command = ["clients/python/rest_client.py", "--url", url, "--user", user_id, "Hello!"]
    subprocess.run([str(PYTHON), *command], cwd=shell.folder, check=True, capture_output=True)


def test_what_the_readme_tells_on_windows(
    request: pytest.FixtureRequest, new_shell: NewShell, render_bot: RenderBot, tmp_path: Path
) -> None:
    bot = shutil.copytree(render_bot(EVERY_CHANNEL), tmp_path / "bot")
    shell = new_shell(bot)
    *typed, account, region, repository = rows(request)

    for command in typed:
        shell.replaced = {command: powershell(command)}
        shell.type(command)
    for command in (account, region, repository):
        shell.set(powershell(command))
        shell.typed[-1] = command

    assert (bot / ".env").read_bytes() == (bot / ".env-template").read_bytes()
    assert Repository(bot).git("log", "--format=%s").strip() == "First commit"
    assert shell.environment["ECR_REPO_NAME"] == "meu-chatbot"


def test_the_packages_are_installed_and_the_table_is_in_dynamodb_local(
    request: pytest.FixtureRequest,
    new_shell: NewShell,
    render_bot: RenderBot,
    dynamodb: dict[str, str],
    tmp_path: Path,
) -> None:
    bot = owned(render_bot(EVERY_CHANNEL), tmp_path / "bot")
    add_settings(bot, told_settings(bot / "README.md", dynamodb["TEST_DYNAMODB_ENDPOINT"]))
    shell = new_shell(bot, PORT="0", DDB_TABLE="InDynamoDBLocal")
    *installing, activate, compose, create, start, create_again, start_again = rows(request)

    for command in installing:
        shell.type(command)
    shell.replaced = {activate: f"{activate} && python -c 'import fastapi, sys; print(sys.prefix)'"}
    assert str(bot / ".venv") in shell.type(activate)
    shell.type(compose)
    assert shell.calls() == [["docker", "compose", "up", "-d"]]
    assert "created" in shell.type(create)
    assert "exists" in shell.type(create_again)
    for command in (start, start_again):
        with shell.running(command, LISTENING):
            assert not (bot / ".local-aws").exists()


def told_settings(readme: Path, endpoint: str) -> str:
    """Return what the README puts into `.env` for DynamoDB Local, which is somewhere else here."""
    text = readme.read_text("utf-8")
    settings = re.findall(r"^```env\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    (local,) = [block for block in settings if "USE_DYNAMODB_LOCAL" in block]
    return str(local).replace("http://localhost:8000", endpoint)


def add_settings(bot: Path, settings: str) -> None:
    env = bot / ".env"
    names = {line.partition("=")[0] for line in settings.splitlines()}
    lines = env.read_text("utf-8").splitlines()
    kept = [line for line in lines if line.partition("=")[0] not in names]
    env.write_text("\n".join([*kept, settings]), "utf-8")


def test_a_bot_is_checked_and_scored(
    request: pytest.FixtureRequest, new_shell: NewShell, render_bot: RenderBot, tmp_path: Path
) -> None:
    variant = Variant(("rest",), "intent_routing", "docker", True, "en")
    bot = owned(render_bot(variant), tmp_path / "bot")
    for cases in (bot / "evals" / "data").glob("*.jsonl"):
        few = cases.read_text("utf-8").splitlines(keepends=True)[:FEW_CASES]
        cases.write_text("".join(few), "utf-8")
    shell = new_shell(bot, **FEW_TESTS)
    *first, compare, plain = rows(request)

    for command in first:
        # The offline model knows nothing of the cases: its scores may be too low.
        shell.type(command, codes=(0, 1) if "--min" in command else (0,))
    earlier = re.findall(r"\S+\.json", compare)[0]
    (bot / earlier).write_bytes(next((bot / "evals" / "results").glob("*.json")).read_bytes())
    assert "routing" in shell.type(compare)
    assert "routing" in shell.type(plain)


def test_a_bot_is_updated(
    request: pytest.FixtureRequest, new_shell: NewShell, releases: Repository, tmp_path: Path
) -> None:
    answers = {"channels": ["rest"], "language": "en"}
    bot = copy(releases, tmp_path / "bot", OLD, answers)
    shell = new_shell(bot.path, {'"FILE"': '"README.md"', "copier update": "copier update -A"})
    shell.environment.update(FEW_TESTS)
    look, update, back, answer, finish, move, checkout, *git, plain = rows(request)

    assert "v1.1.0" in shell.type(look)
    shell.type(update)
    shell.type(back)
    assert bot.git("status", "--porcelain") == ""
    shell.type(answer)
    shell.type(finish)
    assert "language: pt-BR" in (bot.path / ".copier-answers.yml").read_text("utf-8")
    shell.type(move)
    assert (bot.path / "cloudformation" / "stack.yaml").exists()
    shell.type(checkout)
    for command in git:
        # `git config` and `git clean` are no whole commands: git says what they lack.
        shell.type(command, codes=(0, 1, 128, 129))
    bot.git("clean", "-fdq")
    # Alone it leaves a folder with files as it is, and says so.
    assert "add --overwrite" in shell.type(plain, codes=(1,))
    shell.replaced = {plain: f"{plain} -A --overwrite"}
    shell.type(plain)
    assert bot.git("status", "--porcelain") == ""


def test_an_image_is_built_and_run(
    request: pytest.FixtureRequest, new_shell: NewShell, render_bot: RenderBot, tmp_path: Path
) -> None:
    bot = Repository(owned(render_bot(EVERY_CHANNEL), tmp_path / "bot"))
    bot.git("init", "-q")
    bot.commit()
    commit = bot.git("rev-parse", "HEAD").strip()
    shell = new_shell(bot.path, {"--time 45": "--time 45 meu-chatbot"})
    build, run, version, up, ps, stop, *names = rows(request)

    for command in (build, run):
        shell.type(command)
    shell.set(version)
    for command in (up, ps, stop):
        shell.type(command)
    for command in names:
        shell.set(command)
    called = shell.calls()
    assert called[0][:4] == ["docker", "build", "--build-arg", f"VERSION={commit}"]
    assert shell.environment["VERSION"] == commit
    assert (bot.path / "docker-compose.production.yml").exists()


@pytest.fixture
def emulated_aws(tmp_path: Path) -> Iterator[str]:
    """The address of an AWS on this machine."""
    python = os.environ.get("MINISTACK_PYTHON", "MINISTACK_PYTHON is not set: run nox -s commands")
    port = free_port()
    settings = {
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "STATE_DIR": str(tmp_path / "aws-state"),
        "MINISTACK_REGION": "us-east-1",
    }
    nothing = subprocess.DEVNULL
    process = subprocess.Popen(
        [python, "-m", "ministack"], env=os.environ | settings, stdout=nothing, stderr=nothing
    )
    try:
        until_it_answers("127.0.0.1", port)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(START_SECONDS)


def until_it_answers(host: str, port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            socket.create_connection((host, port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(f"nothing listens on {port}")


class AnyAction(BaseHTTPRequestHandler):
    """Takes a request of the JSON protocol of AWS and answers with nothing in it."""

    actions: ClassVar[list[str]] = []

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"] or 0))
        self.actions.append(self.headers["X-Amz-Target"])
        self.send_response(200)
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, format: str, *args: object) -> None:
        return


@pytest.fixture
def any_action() -> Iterator[str]:
    """The address of what takes those actions that the emulated AWS does not have."""
    with ThreadingHTTPServer(("127.0.0.1", 0), AnyAction) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def test_aws_takes_what_the_pages_ask_of_it(
    request: pytest.FixtureRequest,
    new_shell: NewShell,
    render_bot: RenderBot,
    emulated_aws: str,
    any_action: str,
    template: Path,
    tmp_path: Path,
) -> None:
    # The CLI is the real one; its first version, which is a package, does not know "configure sso".
    cli = os.environ.get("AWS_CLI", "AWS_CLI is not set: run nox -s commands")
    program(
        tmp_path / "programs" / "aws",
        f'[[ "$*" == "configure sso" ]] || exec "{cli}" --endpoint-url "$AWS_IS_AT" "$@"',
    )
    keys = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}
    place = {"AWS_DEFAULT_REGION": "us-east-1", "AWS_PAGER": "", "HOME": str(tmp_path)}
    path = os.pathsep.join((str(tmp_path / "programs"), os.environ["PATH"]))
    shell = new_shell(tmp_path, **keys, **place, AWS_IS_AT=emulated_aws, PATH=path)
    commands = rows(request)
    configure, sso, dead, queue, move, query, restore, *table = commands[:10]
    user, providers, certificate, prices, *delivery = commands[10:]

    shell.type(configure, answer="a-key\na-secret\nsa-east-1\njson\n")
    assert "sa-east-1" in (tmp_path / ".aws" / "config").read_text("utf-8")
    shell.type(sso)
    shell.type(dead)
    arn = "arn:aws:sqs:us-east-1:000000000000:meu-chatbot-dead.fifo"
    shell.replaced = {"ARN OF THE FIRST QUEUE": arn}
    assert "meu-chatbot.fifo" in shell.type(queue)
    for name in ("OLD", "MeuChatbotTable"):
        make_table(shell, name)
    assert '"Count": 0' in shell.type(query)
    for command in (restore, *table):
        shell.type(command)
    described = (
        "dynamodb",
        "describe-time-to-live",
        "--table-name",
        "meu-chatbot-staging-restored",
    )
    assert aws(shell, *described)["TimeToLiveDescription"]["AttributeName"] == "expires_at"
    pool = aws(shell, "cognito-idp", "create-user-pool", "--pool-name", "people")["UserPool"]["Id"]
    shell.replaced = {"USER_POOL_ID": pool}
    assert "ana@example.com" in shell.type(user)
    assert '"OpenIDConnectProviderList": []' in shell.type(providers)
    assert "CertificateArn" in shell.type(certificate)
    deliver(shell, delivery, render_bot)
    shell.environment["AWS_IS_AT"] = any_action
    shell.replaced = {"ARN_OF_THE_DEAD_LETTER_QUEUE": arn}
    shell.type(move)
    shell.type(prices)
    assert AnyAction.actions == [
        "AmazonSQS.StartMessageMoveTask",
        "AWSPriceListService.GetProducts",
    ]


def program(path: Path, script: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/usr/bin/env bash\n{script}\n", "utf-8")
    path.chmod(0o755)


def aws(shell: Shell, *arguments: str) -> Any:
    """Prepare something with the same program."""
    done = subprocess.run(
        ["aws", *arguments],
        env={**os.environ, **shell.environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout or "{}")


def make_table(shell: Shell, name: str) -> None:
    keys = {"partition_key": "HASH", "sort_key": "RANGE"}
    attributes = [f"AttributeName={key},AttributeType=S" for key in keys]
    schema = [f"AttributeName={key},KeyType={kind}" for key, kind in keys.items()]
    defined = ("--attribute-definitions", *attributes, "--key-schema", *schema)
    billed = ("--billing-mode", "PAY_PER_REQUEST")
    aws(shell, "dynamodb", "create-table", "--table-name", name, *billed, *defined)
    recovered = "PointInTimeRecoveryEnabled=true"
    aws(
        *(shell, "dynamodb", "update-continuous-backups", "--table-name", name),
        *("--point-in-time-recovery-specification", recovered),
    )


def deliver(shell: Shell, delivery: list[str], render_bot: RenderBot) -> None:
    """Make the roles of each host and target, as an owner who has written who they are."""
    provider = "ExistingProviderArn=arn:aws:iam::000000000000:oidc-provider/x"
    hosts = {
        "Repository=OWNER@OWNER_ID/NAME@ID": "Repository=octo-org@123456/octo-repo@456789",
        "Project=GROUP/PROJECT": "Project=group/project",
        "ExistingProviderArn=ARN": "",
    }
    for command in delivery:
        ci = "gitlab" if "Project=" in command else "github"
        deployment = "ecs" if "Environment=" in command else "docker"
        shell.folder = render_bot(Variant(("rest",), "basic", deployment, False, "en"), ci)
        # Both hosts give their stack one name, and so an account has one of them.
        named = {f"{name} --template": f"{name}-{ci} --template" for name in STACKS}
        # As for an account that has a provider: the emulated AWS cannot make one.
        with_provider = {"--parameter-overrides": f"--parameter-overrides {provider}"}
        shell.replaced = {**hosts, **named, **with_provider}
        assert "Successfully created" in shell.type(command)


def test_programs_that_are_not_here_take_what_the_pages_ask_of_them(
    request: pytest.FixtureRequest, new_shell: NewShell, render_bot: RenderBot, tmp_path: Path
) -> None:
    bot = owned(render_bot(EVERY_CHANNEL), tmp_path / "bot")
    with ThreadingHTTPServer(("127.0.0.1", 0), AnyAction) as graph:
        threading.Thread(target=graph.serve_forever, daemon=True).start()
        meta = f"http://127.0.0.1:{graph.server_address[1]}"
        shell = new_shell(
            bot, {"https://graph.facebook.com": meta, "nox -s audit --": "uv run nox -s audit --"}
        )
        for command in rows(request):
            shell.type(command)
        graph.shutdown()

    called = shell.calls()
    assert ["gh", "variable", "set", "AWS_ACCOUNT_ID", "--body", "123456789012"] in called
    assert ["langgraph", "dev", "--allow-blocking"] in called
    assert called[-2][-2:] == ["--ignore-vuln", "ID"]


def test_the_demo_and_a_bot_are_made_from_the_readme(
    request: pytest.FixtureRequest, new_shell: NewShell, tmp_path: Path
) -> None:
    checkout = committed(tmp_path / "template")
    public = "https://github.com/YOUR-ORGANISATION/chatbot-template.git"
    shell = new_shell(checkout.path, **taken_for(public, checkout.path))
    *demos, install, make, go, commit = rows(request)

    for command in demos:
        # As in PowerShell, where the page has it so.
        shell.replaced = {command: powershell(command)} if command.startswith("py ") else {}
        with shell.running(command, "/operator") as said:
            assert "The bot is ready" in "".join(said)
    shell.replaced = {install: f".venv/bin/{install}"}
    shell.type(install)
    shell.folder = tmp_path
    # Nobody is there to be asked.
    shell.replaced = {"copier copy": "copier copy --defaults"}
    shell.type(make)
    shell.change_folder(go)
    shell.type(commit)

    bot = Repository(tmp_path / "my-bot")
    assert bot.git("log", "--format=%s").strip() == "The bot, as it came from the template"
    assert f"_src_path: git+{public}" in (bot.path / ".copier-answers.yml").read_text("utf-8")


def committed(folder: Path) -> Repository:
    """Make a repository of this checkout."""
    repository = Repository(export(folder))
    repository.git("init", "--quiet")
    repository.commit()
    return repository


def taken_for(address: str, repository: Path) -> dict[str, str]:
    """Return the environment in which git takes an address for a repository of this machine."""
    return {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{repository}.insteadOf",
        "GIT_CONFIG_VALUE_0": address,
    }


def test_what_contributors_type(
    request: pytest.FixtureRequest, new_shell: NewShell, tmp_path: Path
) -> None:
    checkout = committed(tmp_path / "template")
    newest = checkout.path / "tests" / "releases" / "0.2.0.bundle"
    newest.unlink()
    shell = new_shell(checkout.path, {"variant(ID)": f"variant({EVERY_CHANNEL.id})"})
    look, variant, release, *tested = rows(request)

    assert "* variants" in shell.type(look)
    shell.type(variant)
    assert (checkout.path / "build" / EVERY_CHANNEL.id / "main.py").exists()
    shell.type(release)
    assert newest.exists()
    shell.environment.update(COLLECTED)
    for command in tested:
        assert re.search(r"\d+(/\d+)? tests? collected", shell.type(command)), command


def test_the_walks_of_contributing_lead_somewhere(
    request: pytest.FixtureRequest, new_shell: NewShell, tmp_path: Path
) -> None:
    """As far as their ends: what the tests say of such a change, tests/test_contributing.py tells."""
    checkout = committed(tmp_path / "template")
    shell = new_shell(checkout.path)
    branch, look, of_variant, difference, of_questions, of_files, of_preset, preset = rows(request)
    collected = r"\d+(/\d+)? tests? collected"

    shell.type(branch)
    shell.type(look)
    assert (checkout.path / "build" / "bot" / "main.py").exists()
    walk(1).make(checkout.path)
    assert shell.type(difference) == ""
    add_toy_preset(checkout.path)
    shell.type(preset)
    assert (checkout.path / "build" / "toy" / "main.py").exists()
    shell.environment.update(COLLECTED)
    for command in (of_variant, of_questions, of_files, of_preset):
        assert re.search(collected, shell.type(command)), command
