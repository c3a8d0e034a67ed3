"""Checks the bot, and updates it from its template: `uv run nox`, `uv run nox -l`."""

import re
from pathlib import Path

import nox

nox.needs_version = ">=2026.10"
nox.options.default_venv_backend = "uv"
nox.options.sessions = ["lint", "imports", "types", "tests"]

COPIER = "copier>=9.15,<10"
PIP_AUDIT = "pip-audit==2.10.1"
SBOM = "cyclonedx-bom==7.5.0"
SECRETS = "detect-secrets==1.5.0"
STUDIO = "langgraph-cli[inmem]>=0.4,<0.5"


def install(session: nox.Session, *requirements: str) -> None:
    """Install from pins.txt, each package checked against its hash, then the owner's own."""
    session.env["UV_PYTHON_DOWNLOADS"] = "never"
    pins = ("-c", "pins.txt")
    session.install("--require-hashes", *requirements, "--group", "dev", *pins)
    session.install("--group", "owner", *pins)


@nox.session
def lint(session: nox.Session) -> None:
    """Check the style; `ruff check --fix` and `ruff format` mend it."""
    install(session)
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")


@nox.session
def imports(session: nox.Session) -> None:
    """Check that each layer imports only what is below it."""
    install(session)
    session.run("lint-imports")


@nox.session
def types(session: nox.Session) -> None:
    """Check the types."""
    install(session, "-r", "pyproject.toml")
    session.run("mypy")


@nox.session
def tests(session: nox.Session) -> None:
    """Run the tests: uv run nox -s tests -- -k session."""
    install(session, "-r", "pyproject.toml")
    session.run("pytest", *session.posargs)


@nox.session(default=False)
def audit(session: nox.Session) -> None:
    """Look up known vulnerabilities of what the bot installs: [-- --ignore-vuln ID]."""
    session.install(PIP_AUDIT)
    installed = str(Path(session.create_tmp(), "installed.txt"))
    ours = ("pyproject.toml", "--group", "owner", "-c", "pins.txt", "--generate-hashes")
    session.run("uv", "pip", "compile", "--quiet", *ours, "-o", installed, external=True)
    # OSV knows the advisories of PyPI and more, and asks for no account.
    looked_up = ("--strict", "--disable-pip", "--vulnerability-service", "osv")
    session.run("pip-audit", *looked_up, "--requirement", installed, *session.posargs)


@nox.session(default=False)
def secrets(session: nox.Session) -> None:
    """Look for secrets in all files that git knows; `# pragma: allowlist secret` excepts a line."""
    session.install(SECRETS)
    names = session.run("git", "ls-files", "-z", silent=True, log=False, external=True)
    # Its detector of words such as `token` takes names for values. --no-verify: it tells nobody.
    options = ("--no-verify", "--disable-plugin", "KeywordDetector")
    session.run("detect-secrets-hook", *options, *str(names).split("\0")[:-1], log=False)


@nox.session(default=False)
def sbom(session: nox.Session) -> None:
    """Write sbom.json, the bill of materials: each package of the image, in CycloneDX's form."""
    session.env["UV_PYTHON_DOWNLOADS"] = "never"
    dockerfile = Path("Dockerfile").read_text("utf-8")
    for requirements in re.findall(r"uv pip install (.+?)(?: \\)?$", dockerfile, re.MULTILINE):
        session.install(*requirements.split())
    python = str(Path(session.bin, "python"))
    written = ("--pyproject", "pyproject.toml", "--output-file", "sbom.json")
    environment = ("cyclonedx-py", "environment", "--output-reproducible", *written, python)
    session.run("uv", "tool", "run", "--from", SBOM, *environment, external=True)


@nox.session(default=False)
def evals(session: nox.Session) -> None:
    """Score the configured model: uv run nox -s evals [-- --min-routing 0.9 --compare FILE]."""
    install(session, "-r", "pyproject.toml")
    session.run("python", "-m", "evals", *session.posargs)


@nox.session(default=False)
def studio(session: nox.Session) -> None:
    """Show the graph in LangGraph Studio: uv run nox -s studio [-- --no-browser --port 2024]."""
    overrides = Path(session.create_tmp(), "overrides.txt")
    # Studio's server accepts only older releases than the bot's; --no-config: and not its pins.
    overrides.write_text("structlog>=25,<26\n", "utf-8")
    ours = ("-r", "pyproject.toml", "--group", "owner", "--override", str(overrides))
    session.install("--no-config", *ours, STUDIO)
    # The AWS client reads its descriptions from files, which Studio's server would refuse.
    session.run("langgraph", "dev", "--allow-blocking", *session.posargs)


@nox.session(default=False)
def template_update(session: nox.Session) -> None:
    """Take over the template's newest release: first -- --dry-run, and -- --help tells the rest."""
    session.install(COPIER)
    session.run("python", "-m", "scripts.template_update", *session.posargs)
    folder = session.run("git", "rev-parse", "--git-dir", silent=True, external=True)
    # Only a merge leaves this; a dry run, --finish and --rollback have nothing to check.
    if not Path(str(folder).strip(), "template-update.json").exists():
        return
    if Path("uv.lock").exists():
        session.run("uv", "lock", "--quiet", external=True)
    if "--no-checks" not in session.posargs:
        for check in nox.options.sessions:
            session.notify(check, posargs=())
