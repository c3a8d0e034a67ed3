"""Stands where uv does in the tests of the pages' commands: what it would install is there already.

`uv run` runs the command with the packages of the bots, `uv venv` makes an environment that sees them, `uv pip
install` sees only whether what it is given can be installed, and `uv sync` only writes the lock file. All else is
done by uv itself.
"""

import os
import shutil
import subprocess
import sys
import tomllib
from itertools import pairwise
from pathlib import Path

UV = os.environ["REAL_UV"]
BOT = Path(os.environ["BOT_PYTHON"]).parent.parent
TEMPLATE = Path(os.environ["TEMPLATE_PYTHON"]).parent.parent
TESTS = Path(__file__).resolve().parent.parent
# What renders bots: there Copier does once what it does anew for every file.
HASTY = f"""\
import sys

if not {{*sys.orig_argv}}.isdisjoint(("scripts.template_update", "tools/demo.py")):
    sys.path.insert(0, {str(TESTS)!r})
    from rendering import hasten_copier

    hasten_copier()
    # A checkout has these modules, too: its own.
    del sys.path[0], sys.modules["rendering"], sys.modules["variants"]
"""


def main(arguments: list[str]) -> int:
    match arguments:
        case ["run", *command]:
            return run([word for word in command if word not in ("--no-sync", "--quiet")])
        case ["venv", *options]:
            return link(Path(folder_in(options)))
        case ["sync", *options]:
            return subprocess.run([UV, "lock", *options], check=False).returncode
        case ["pip", "install", *options]:
            return install(options)
        case ["add", *options]:
            return add(options)
    return subprocess.run([UV, *arguments], check=False).returncode


def run(command: list[str]) -> int:
    """Run a command as in the environment that uv would make of pyproject.toml."""
    path = f"{BOT / 'bin'}{os.pathsep}{os.environ['PATH']}"
    program = shutil.which(command[0], path=path)
    if program is None:
        return subprocess.run([UV, "run", *command], check=False).returncode
    return subprocess.run([program, *command[1:]], env={**os.environ, "PATH": path}).returncode


def folder_in(options: list[str]) -> str:
    """Return the folder that `uv venv` is given; without one it is `.venv`."""
    before = ("", *options)
    words = (
        word
        for word, previous in zip(options, before, strict=False)
        if not word.startswith("-") and previous not in ("-p", "--python")
    )
    return next(words, ".venv")


def link(folder: Path) -> int:
    """Make an environment that sees the packages of another, and whose uv is this one: nox looks for it there."""
    is_of_template = Path("copier.yml").exists() and ".nox" in folder.parts and folder.name != "bot"
    # Copier is a package of the template's tools.
    base = TEMPLATE if is_of_template or folder.name == "template_update" else BOT
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "bin").mkdir(parents=True)
    shutil.copy(base / "pyvenv.cfg", folder)
    # Of its own, so that whatever is installed into it leaves the other as it is.
    (packages,) = base.glob("lib/python*/site-packages")
    own = folder / packages.relative_to(base)
    own.mkdir(parents=True)
    (own / "others.pth").write_text(f"{packages}\n")
    if base == TEMPLATE:
        (own / "sitecustomize.py").write_text(HASTY)
    for program in (base / "bin").iterdir():
        (folder / "bin" / program.name).symlink_to(program)
    activate = (base / "bin" / "activate").read_text("utf-8")
    (folder / "bin" / "activate").unlink()
    (folder / "bin" / "activate").write_text(activate.replace(str(base), str(folder.absolute())))
    (folder / "bin" / "uv").unlink(missing_ok=True)
    (folder / "bin" / "uv").symlink_to(os.environ["UV"])
    return 0


def install(options: list[str]) -> int:
    """See that the files and groups exist from which packages would be installed."""
    follows = dict(pairwise(options))
    named = [follows[option] for option in ("-r", "--requirement", "-c") if option in follows]
    missing = [name for name in named if not Path(name).is_file()]
    if "--group" in follows:
        groups = tomllib.loads(Path("pyproject.toml").read_text("utf-8"))["dependency-groups"]
        missing += [] if follows["--group"] in groups else [follows["--group"]]
    if missing:
        print(f"uv pip install: there is no {', '.join(missing)}", file=sys.stderr)
    return len(missing)


def add(options: list[str]) -> int:
    """Add a package, and install it where the test says, because the bot's environment is shared."""
    added = subprocess.run([UV, "add", "--no-sync", *options], check=False).returncode
    into = ("--target", os.environ["PACKAGES"], "--group", "owner", "-c", "pins.txt")
    python = ("--python", str(BOT / "bin" / "python"))
    return added or subprocess.run([UV, "pip", "install", "-q", *python, *into]).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
