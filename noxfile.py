# /// script
# requires-python = ">=3.11"
# dependencies = ["nox>=2026.10"]
# ///
"""Everything one does with the template; needs Python 3.11 or newer and git, nothing else.

uv run noxfile.py -s demo        or        uvx nox -s demo        or        nox -s demo
"""

import itertools
import os
import shutil
import sys
from pathlib import Path

import nox

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT / "tests"))

from variants import VARIANTS

nox.needs_version = ">=2026.10"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.sessions = [
    "lint",
    "tests",
    "variants",
    "updates",
    "infrastructure",
    "bots",
    "browser",
    "docs",
]

# Its detector of words such as `token` takes names for values; it tells nobody what it found.
SECRETS_OPTIONS = ("--no-verify", "--disable-plugin", "KeywordDetector")
# Windows takes a command of at most 32,000 characters.
FILES_OF_A_COMMAND = 150
VARIANT_IDS = [variant.id for variant in VARIANTS]
# Each worker begins with a part of the list, so that neighbours meet in one of them. One of three mostly waits.
PARALLEL = ("-n3", "--dist=worksteal")
# Ctrl-C: the bot lets its turns finish and the local AWS save its state.
STOP_SECONDS = 60
# What every variant of the bot installs, each package checked against its hash.
BOT_PACKAGES = "template/pins.txt"
BOT_PINS = ("--require-hashes", "--requirement", BOT_PACKAGES)
# An interpreter is at hand; uv shall not look for another one on the internet.
OFFLINE_PYTHON = {"UV_PYTHON_DOWNLOADS": "never"}
# Building the first empties the folder in which the second then goes.
DOCS_SITES = ("mkdocs.yml", "mkdocs.en.yml")
# The browser tests take the machine's own, if it has one; else Playwright downloads Chromium.
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def install(session: nox.Session, group: str) -> None:
    session.install(*requirements(group))
    session.env.update(OFFLINE_PYTHON)


def requirements(group: str) -> tuple[str, ...]:
    """Return how a group is installed: each package checked against its hash."""
    return ("--require-hashes", "--requirement", f"requirements/{group}.txt")


@nox.session(reuse_venv=True)
def demo(session: nox.Session) -> None:
    """Make a bot and start it: nox -s demo [-- FOLDER -d 'channels=[whatsapp]' --port 9000]."""
    install(session, "render")
    session.run(
        "python",
        "tools/demo.py",
        *session.posargs,
        interrupt_timeout=STOP_SECONDS,
        terminate_timeout=STOP_SECONDS,
    )


@nox.session
def lint(session: nox.Session) -> None:
    """Check the style and the types of the template's own code, and its scripts."""
    install(session, "lint")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("mypy")
    scripts = [".ci/run", *map(str, sorted(Path("template").rglob("*.sh")))]
    session.run("shellcheck", *scripts)
    names = session.run("git", "ls-files", "-z", silent=True, log=False, external=True)
    # What is rendered is looked at where it comes from.
    written = [name for name in str(names).split("\0")[:-1] if not name.startswith("tests/golden/")]
    for begin in range(0, len(written), FILES_OF_A_COMMAND):
        files = written[begin : begin + FILES_OF_A_COMMAND]
        session.run("detect-secrets-hook", *SECRETS_OPTIONS, *files, log=False)


@nox.session(default=False)
def audit(session: nox.Session) -> None:
    """Look up known vulnerabilities of what bots and these sessions install: [-- --ignore-vuln ID]."""
    install(session, "audit")
    looked_up = ("--strict", "--disable-pip", "--vulnerability-service", "osv")
    for file in (Path("template", "pins.txt"), *sorted(Path("requirements").glob("*.txt"))):
        requirement = ("--require-hashes", "--requirement", str(file))
        session.run("pip-audit", *looked_up, *requirement, *session.posargs)


@nox.session
def tests(session: nox.Session) -> None:
    """Test the questionnaire, and updates."""
    install(session, "tests")
    folders = (
        *("bench", "bots", "browser", "commands", "drills", "every_variant"),
        *("fire", "infrastructure", "recipe_effects"),
    )
    others = [f"--ignore=tests/{folder}" for folder in folders]
    session.run("pytest", "-n3", "--dist=loadfile", *others, *session.posargs)


@nox.session
def variants(session: nox.Session) -> None:
    """Check and test all 420 variants, or some: nox -s variants [-- whatsapp] [-- --shard 1/8].

    A word in front is a variant's id or a part of ids, the rest is for pytest; the report is in build/variants.json.
    """
    install(session, "tests")
    words = list(itertools.takewhile(lambda word: not word.startswith("-"), session.posargs))
    filters = [f"--variants={word}" for word in words]
    options = session.posargs[len(words) :]
    env = {"BOT_PYTHON": str(bot_python(session))}
    session.run("pytest", *PARALLEL, "tests/every_variant", *filters, *options, env=env)


@nox.session
def updates(session: nox.Session) -> None:
    """Update bots that their owners have changed: every edit meets every change of a release.

    The report is in build/update-drills.md.
    """
    install(session, "tests")
    env = {"BOT_PYTHON": str(bot_python(session))}
    session.run("pytest", "-n3", "tests/drills", *session.posargs, env=env)


@nox.session(default=False)
@nox.parametrize("variant", VARIANT_IDS, ids=VARIANT_IDS)
def variant(session: nox.Session, variant: str) -> None:
    """Render one variant for you to look at: nox -s "variant(ID)" [-- FOLDER]."""
    install(session, "render")
    session.run("python", "tools/render_variant.py", variant, *session.posargs)


@nox.session(default=False)
def golden(session: nox.Session) -> None:
    """Write down anew, in tests/golden, what the template makes: the diff shows a change's effects."""
    install(session, "render")
    session.run("python", "tests/golden_files.py")


@nox.session
def infrastructure(session: nox.Session) -> None:
    """Check the infrastructure and the workflows of every variant, and create its stacks."""
    install(session, "infrastructure")
    env = {
        f"{tool.upper()}_PYTHON": str(python_with(session, tool, *requirements(tool)))
        for tool in ("checkov", "ministack")
    }
    session.run(
        "pytest", "-n2", "--dist=loadfile", "tests/infrastructure", *session.posargs, env=env
    )


@nox.session
def bots(session: nox.Session) -> None:
    """Run bots as people and machines do: the demo, images, the emulated cloud, clients."""
    install(session, "bots")
    python = bot_python(session)
    beside = (*BOT_PINS, "--requirement", "requirements/opentelemetry.txt")
    traced = python_with(session, "opentelemetry", *beside)
    env = {"BOT_PYTHON": str(python), "OPENTELEMETRY_PYTHON": str(traced)}
    # In the order of their names: the longest are not among the last.
    options = ("-n3", "--dist=loadfile", "--no-loadscope-reorder")
    session.run("pytest", *options, "tests/bots", *session.posargs, env=env)


def bot_python(session: nox.Session) -> Path:
    """Return the Python of an environment that has the packages of all variants: one for all sessions."""
    environment = Path(session.virtualenv.location).with_name("packages-of-bots")
    python = make_environment(session, environment, "--allow-existing")
    options = ("--quiet", "--require-hashes", "--compile-bytecode", "--python", str(python))
    session.run("uv", "pip", "sync", *options, BOT_PACKAGES)
    return python


def python_with(session: nox.Session, name: str, *packages: str) -> Path:
    """Return the Python of an environment beside the session's own, with other packages."""
    environment = Path(session.virtualenv.location) / name
    python = make_environment(session, environment, "--clear")
    session.run("uv", "pip", "install", "--quiet", "--python", str(python), *packages)
    return python


def make_environment(session: nox.Session, environment: Path, *options: str) -> Path:
    """Make an environment with the session's interpreter; return its Python."""
    python = str(Path(session.bin) / "python")
    session.run("uv", "venv", "--quiet", *options, "--python", python, str(environment))
    return environment / ("Scripts" if os.name == "nt" else "bin") / "python"


@nox.session
def browser(session: nox.Session) -> None:
    """Test the pages in Chromium: nox -s browser [-- --pictures] takes docs/images and the expected looks anew."""
    install(session, "browser")
    env = {"BOT_PYTHON": str(bot_python(session)), "CHROMIUM": chromium(session)}
    session.run("pytest", "-n2", "--dist=loadfile", "tests/browser", *session.posargs, env=env)


def chromium(session: nox.Session) -> str:
    """Return the machine's own browser, or nothing where Playwright has downloaded one."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), "")
    if not found:
        session.run("playwright", "install", "--only-shell", "chromium")
    return found


@nox.session(default=False)
def commands(session: nox.Session) -> None:
    """Type every command of the pages, and carry out every recipe of docs/customise.md."""
    install(session, "bots")
    clis = {
        tool: python_with(session, tool, *requirements(tool)) for tool in ("awscli", "ministack")
    }
    env = {
        "BOT_PYTHON": str(bot_python(session)),
        "MINISTACK_PYTHON": str(clis["ministack"]),
        "AWS_CLI": str(clis["awscli"].with_name("aws")),
    }
    options = ("-n2", "--dist=worksteal", "tests/commands")
    session.run("pytest", *options, *session.posargs, env=env)


@nox.session
def docs(session: nox.Session) -> None:
    """Build the documentation; `nox -s docs -- serve` shows the Portuguese part while you write.

    `nox -s docs -- serve -f mkdocs.en.yml` shows the English one.
    """
    install(session, "docs")
    # What the theme says of its own future, on every build.
    env = {"NO_MKDOCS_2_WARNING": "1"}
    if session.posargs:
        session.run("mkdocs", *session.posargs, env=env)
        return
    for site in DOCS_SITES:
        session.run("mkdocs", "build", "--strict", "--config-file", site, env=env)


@nox.session(default=False)
def pages(session: nox.Session) -> None:
    """Write anew what docs/ takes from the template: answers, graphs, conversations, costs, protocols."""
    install(session, "tests")
    env = {"BOT_PYTHON": str(bot_python(session))}
    for tool in ("docs_pages", "reference"):
        session.run("python", f"tools/{tool}.py", env=env)


@nox.session(default=False)
def release(session: nox.Session) -> None:
    """Cut a release into tests/releases, for the drills of later ones: nox -s release -- 0.2.0."""
    install(session, "render")
    session.run("python", "tools/release.py", *session.posargs)


@nox.session(default=False)
def cold_start(session: nox.Session) -> None:
    """Measure how soon a bot answers: nox -s cold_start [-- --runs 9 -d tracing=false]."""
    install(session, "render")
    env = {"BOT_PYTHON": str(bot_python(session))}
    session.run("python", "tools/cold_start.py", *session.posargs, env=env)


@nox.session(default=False)
def stopwatch(session: nox.Session) -> None:
    """Take the time of a new user and of a new preset: nox -s stopwatch [-- new-user].

    It measures: leave the machine alone meanwhile.
    """
    install(session, "browser")
    found = chromium(session)
    session.run("python", "tools/stopwatch.py", *session.posargs, env={"CHROMIUM": found})


@nox.session(default=False)
def bench(session: nox.Session) -> None:
    """Measure a bot beside the least that could do its work: nox -s bench [-- --short -k table].

    It takes ten minutes, on Linux: leave the machine alone meanwhile. Every run is a line of
    build/bench/history.jsonl.
    """
    install(session, "tests")
    env = {"BOT_PYTHON": str(bot_python(session))}
    session.run("python", "-m", "tools.bench", *session.posargs, env=env)


@nox.session(default=False)
def fire(session: nox.Session) -> None:
    """Put a bot under load, faults and crashes, for an hour: nox -s fire [-- -k sockets].

    It measures: leave the machine alone meanwhile. The report is in build/fire.md.
    """
    install(session, "render")
    python = python_with(session, "bot", *BOT_PINS, "--requirement", "requirements/fire.txt")
    session.run("python", "tools/fire.py", *session.posargs, env={"BOT_PYTHON": str(python)})


@nox.session(default=False)
def pins(session: nox.Session) -> None:
    """Resolve the dependencies of bots and of these sessions anew: nox -s pins -- --upgrade."""
    install(session, "render")
    session.run("python", "tools/pins.py", *session.posargs)


if __name__ == "__main__":
    os.chdir(ROOT)
    nox.main()
