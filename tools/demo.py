"""Makes a bot, installs it and starts it.

    python tools/demo.py [FOLDER] [-d KEY=VALUE]... [--port PORT] [--no-serve]

A folder that this script did not make, or that was changed since, is never replaced.
"""

import argparse
import hashlib
import http.client
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import warnings
from pathlib import Path
from types import FrameType

import copier
import yaml
from copier.errors import CopierError, DirtyLocalWarning

ROOT = Path(__file__).resolve().parent.parent
DEFAULT_PORT = 8181
# Inside .git, where neither the bot nor an update ever looks.
MARK = Path(".git", "made-by-demo.json")
# Where the bot's local AWS keeps its state.
STATE = Path(".local-aws")
OPERATORS = "OPERATOR_API_KEYS"
# The first start downloads the local AWS.
START_SECONDS = 300
POLL_SECONDS = 0.2


def main() -> int:
    options = _options()
    folder = Path(options.folder).resolve()
    answers = _answers(options.data)
    port = _port(options.port)
    _make(folder, answers)
    _install(folder)
    if options.no_serve:
        _say(f"Ready. To start it:\n    cd {folder}\n    {_python(folder)} main.py")
        return 0
    has_run = (folder / STATE).exists()
    download = "" if has_run else "; the local AWS is downloaded unless this machine has it"
    _say(f"Starting it{download}. Ctrl-C ends it")
    return _serve(folder, port)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="nox -s demo --", description="Makes and starts a bot.")
    parser.add_argument("folder", nargs="?", default="demo", help="where (%(default)s)")
    parser.add_argument(
        "-d", "--data", action="append", default=[], metavar="KEY=VALUE", help="an answer"
    )
    parser.add_argument("--port", type=int, help=f"where it listens ({DEFAULT_PORT}, or the next)")
    parser.add_argument("--no-serve", action="store_true", help="do not start it")
    return parser.parse_args()


def _answers(data: list[str]) -> dict[str, str]:
    """Return the answers by question; Copier itself would ignore a misspelt one."""
    questionnaire = yaml.safe_load((ROOT / "copier.yml").read_text("utf-8"))
    questions = [
        key
        for key, question in questionnaire.items()
        if not key.startswith("_") and question.get("when") is not False
    ]
    answers: dict[str, str] = {}
    for answer in data:
        key, equals, value = answer.partition("=")
        if not equals or key not in questions:
            sys.exit(f"-d {answer}: write KEY=VALUE, KEY being one of {', '.join(questions)}")
        answers[key] = value
    return answers


def _port(wanted: int | None) -> int:
    """Return a free port: the one asked for, or the first from 8181 on."""
    for port in [wanted] if wanted is not None else range(DEFAULT_PORT, DEFAULT_PORT + 100):
        with socket.socket() as probe:
            if os.name == "posix":
                # Else a port whose last connection has just closed would seem taken.
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    sys.exit(f"--port {wanted}: something listens there already; choose another one")


def _make(folder: Path, answers: dict[str, str]) -> None:
    """Render the bot and commit it, unless the folder holds just that already."""
    _hide_from_template(folder)
    made_from = {"answers": answers, "template": _template_version()}
    if folder.exists() and any(folder.iterdir()):
        mark = _mark(folder)
        if made_from["template"] and made_from.items() <= mark.items():
            _say(f"The bot is in {folder} already")
            return
        _refuse_if_changed(folder, mark)
        _delete(folder)
    _say(f"Making the bot in {folder}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DirtyLocalWarning)
            is_repository = (ROOT / ".git").exists()
            copier.run_copy(
                str(ROOT),
                folder,
                data=answers,
                defaults=True,
                quiet=True,
                vcs_ref="HEAD" if is_repository else None,
            )
    except (CopierError, ValueError) as error:
        sys.exit(str(error))
    shutil.copy(folder / ".env-template", folder / ".env")
    _git(folder, "init", "--quiet")
    _git(folder, "add", "--all")
    _git(folder, "commit", "--quiet", "--message", "The bot, as rendered")
    mark = {**made_from, "commit": _git(folder, "rev-parse", "HEAD")}
    (folder / MARK).write_text(json.dumps(mark), "utf-8")


def _hide_from_template(folder: Path) -> None:
    """Have git overlook a bot in this checkout: Copier would take its repository for a submodule."""
    if not (ROOT / ".git").exists() or ROOT not in folder.parents:
        return
    ignored = subprocess.run(["git", "check-ignore", "--quiet", f"{folder}/"], cwd=ROOT)
    if ignored.returncode:
        exclude = Path(ROOT, _git(ROOT, "rev-parse", "--git-path", "info/exclude"))
        exclude.parent.mkdir(exist_ok=True)
        with exclude.open("a", encoding="utf-8") as file:
            file.write(f"/{folder.relative_to(ROOT).as_posix()}/\n")


def _template_version() -> str | None:
    """Return the template's commit, or a digest of its files if they have changed since.

    None if it is no repository; then it is unknown what a folder was made from.
    """
    if not (ROOT / ".git").exists():
        return None
    if not _git(ROOT, "status", "--porcelain"):
        return _git(ROOT, "rev-parse", "HEAD")
    digest = hashlib.sha256()
    for name in _git(ROOT, "ls-files", "-z", "-co", "--exclude-standard").split("\0"):
        if (ROOT / name).is_file():
            digest.update(name.encode() + (ROOT / name).read_bytes())
    return digest.hexdigest()


def _mark(folder: Path) -> dict[str, object]:
    try:
        mark: dict[str, object] = json.loads((folder / MARK).read_text("utf-8"))
    except FileNotFoundError:
        sys.exit(
            f"{folder} was not made by this demo and stays as it is; name another folder:"
            " nox -s demo -- OTHER"
        )
    return mark


def _refuse_if_changed(folder: Path, mark: dict[str, object]) -> None:
    is_changed = (
        _git(folder, "status", "--porcelain")
        or _git(folder, "rev-parse", "HEAD") != mark.get("commit")
        or (folder / ".env").read_bytes() != (folder / ".env-template").read_bytes()
    )
    if is_changed:
        sys.exit(
            f"{folder} has changes of yours and stays as it is; name another folder:"
            " nox -s demo -- OTHER"
        )


def _delete(folder: Path) -> None:
    # git writes its objects read-only, which on Windows also forbids to delete them.
    for path in (folder / ".git").rglob("*"):
        if path.is_file():
            path.chmod(0o644)
    shutil.rmtree(folder)


def _git(folder: Path, *arguments: str) -> str:
    # Somebody who has not told git who they are shall see the demo all the same.
    known = subprocess.run(["git", "config", "user.email"], cwd=folder, capture_output=True)
    identity = ["-c", "user.name=demo", "-c", "user.email=demo@localhost"]
    options = ["-c", "commit.gpgsign=false", *(identity if known.returncode else [])]
    done = subprocess.run(
        ["git", *options, *arguments], cwd=folder, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def _install(folder: Path) -> None:
    environment = folder / ".venv"
    if environment.exists():
        _say("Checking its packages")
    else:
        _say("Installing its packages, each checked against its hash")
        new = ["uv", "venv", "--quiet", "--python", sys.executable, str(environment)]
        subprocess.run(new, check=True)
    hashed = ["--require-hashes", "-r", "pyproject.toml", "--group", "dev", "-c", "pins.txt"]
    subprocess.run(
        ["uv", "pip", "install", "--python", str(environment), *hashed], cwd=folder, check=True
    )


def _python(folder: Path) -> str:
    scripts = "Scripts" if os.name == "nt" else "bin"
    return str(folder / ".venv" / scripts / "python")


def _serve(folder: Path, port: int) -> int:
    environment = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    environment["PORT"] = str(port)
    operator_key = "" if _has_operators(folder) else secrets.token_urlsafe(6)
    if operator_key:
        environment[OPERATORS] = f"{operator_key}:Operator"
    bot = subprocess.Popen([_python(folder), "main.py"], cwd=folder, env=environment)

    def pass_on(number: int, frame: FrameType | None) -> None:
        bot.terminate()

    signal.signal(signal.SIGTERM, pass_on)
    told = (_how_to_talk(folder, port), _how_to_answer(port, operator_key))
    threading.Thread(target=_announce, args=(bot, port, told), daemon=True).start()
    while True:
        try:
            return bot.wait()
        except KeyboardInterrupt:
            # The terminal told the bot as well; it needs a moment to end in good order.
            continue


def _has_operators(folder: Path) -> bool:
    """Whether somebody has named operators already; the demo's own key would replace them."""
    lines = (folder / ".env").read_text("utf-8").splitlines()
    return bool(os.environ.get(OPERATORS)) or any(line.startswith(OPERATORS) for line in lines)


def _announce(bot: "subprocess.Popen[bytes]", port: int, told: tuple[str, ...]) -> None:
    """Print where the bot is, and what to do there, as soon as it answers."""
    deadline = time.monotonic() + START_SECONDS
    while bot.poll() is None and time.monotonic() < deadline:
        if _answers_on(port):
            for text in told:
                _say(text)
            return
        time.sleep(POLL_SECONDS)


def _answers_on(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == http.HTTPStatus.OK
    except OSError:
        return False
    finally:
        connection.close()


def _how_to_talk(folder: Path, port: int) -> str:
    if (folder / "interface" / "web").exists():
        return f"The bot is ready. Talk to it at http://127.0.0.1:{port}"
    return (
        f"The bot is ready at http://127.0.0.1:{port}. Talk to it as on WhatsApp, in another"
        f" terminal:\n    cd {folder}\n    {_python(folder)} -m scripts.whatsapp"
        + (f" --url http://127.0.0.1:{port}" if port != DEFAULT_PORT else "")
    )


def _how_to_answer(port: int, operator_key: str) -> str:
    page = f"http://127.0.0.1:{port}/operator"
    with_key = f" with the key {operator_key}" if operator_key else ""
    return f"Ask it for a person, and answer as that person at {page}{with_key}"


def _say(text: str) -> None:
    print(f"\n==> {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
