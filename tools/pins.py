"""Resolves the bot's dependencies and writes the result wherever it is repeated.

    python tools/pins.py [--upgrade]

Written are `template/pins.txt` (exact versions with hashes, no address, one superset for all
variants), the marked block in `template/pyproject.toml.jinja` and the names in `copier.yml`; and
for the template's own tools `requirements/`, a file for each group of its `pyproject.toml`.
"""

import re
import shutil
import subprocess
import sys
import tempfile
import textwrap
import tomllib
from pathlib import Path

import copier

ROOT = Path(__file__).resolve().parent.parent
PINS = ROOT / "template" / "pins.txt"
PYPROJECT = ROOT / "template" / "pyproject.toml.jinja"
QUESTIONNAIRE = ROOT / "copier.yml"
TOOLS = ROOT / "pyproject.toml"
REQUIREMENTS = ROOT / "requirements"
BESIDE_THE_BOT = ("fire", "opentelemetry")

# The variant whose dependencies include those of every other.
EVERYTHING = {
    "channels": ["websocket", "rest", "whatsapp"],
    "deployment": "lambda",
    "tracing": True,
}
OLDEST_PYTHON = "3.11"

_PIN = re.compile(r"^(?P<name>[a-z0-9-]+)==(?P<version>\S+)(?: ; (?P<marker>[^\\]+?))? \\$", re.M)
_BLOCK = re.compile(r"(?<=constraint-dependencies = \[\n).*?(?=^\]$)", re.M | re.S)
_NAMES = re.compile(
    r"(?<=^dependency_names:\n  type: yaml\n  when: false\n).*?(?=\n\n)", re.M | re.S
)


def requirements(pins: str) -> list[str]:
    """Return the requirements of a pins file without their hashes, in its order."""
    found = [match.groupdict() for match in _PIN.finditer(pins)]
    return [
        f"{pin['name']}=={pin['version']}" + (f" ; {pin['marker']}" if pin["marker"] else "")
        for pin in found
    ]


def names(pins: str) -> list[str]:
    """Return the names of the packages of a pins file, each once."""
    return sorted({requirement.partition("==")[0] for requirement in requirements(pins)})


def constraints_of(pyproject: str) -> list[str]:
    """Return the versions repeated in the marked block of a pyproject file."""
    block = _BLOCK.search(pyproject)
    assert block is not None, "pyproject.toml.jinja has lost its constraint-dependencies"
    return re.findall(r'"(.+)",', block.group())


def resolve(arguments: list[str]) -> str:
    """Return a new pins file; versions of the old one stay unless `--upgrade` is given."""
    with tempfile.TemporaryDirectory() as folder:
        # A plain folder, so that the changes of this checkout count whatever git knows of them.
        source = shutil.copytree(ROOT / "template", Path(folder) / "source" / "template").parent
        shutil.copytree(ROOT / "macros", source / "macros")
        shutil.copy(QUESTIONNAIRE, source)
        bot = Path(folder) / "bot"
        copier.run_copy(str(source), bot, data=EVERYTHING, defaults=True, quiet=True)
        pyproject = bot / "pyproject.toml"
        pyproject.write_text(_BLOCK.sub("", pyproject.read_text("utf-8")), "utf-8", newline="\n")
        pins = bot / "pins.txt"
        _compile(pins, "--group", f"{pyproject}:dev", str(pyproject), *arguments)
        return pins.read_text("utf-8")


def tool_groups() -> dict[str, list[str | dict[str, str]]]:
    """Return the groups of the template's own tools, as they are written."""
    groups: dict[str, list[str | dict[str, str]]] = tomllib.loads(TOOLS.read_text("utf-8"))[
        "dependency-groups"
    ]
    return groups


def resolve_tools(arguments: list[str]) -> None:
    """Write the requirements of each group of the template's own tools."""
    REQUIREMENTS.mkdir(exist_ok=True)
    for group in tool_groups():
        # What comes beside the bot's packages must leave them as they are.
        beside = ("--constraint", str(PINS)) if group in BESIDE_THE_BOT else ()
        _compile(REQUIREMENTS / f"{group}.txt", "--group", f"{TOOLS}:{group}", *beside, *arguments)


def _compile(output: Path, *arguments: str) -> None:
    options = "--universal --generate-hashes --no-emit-index-url --no-header --no-annotate"
    command = ("uv", "pip", "compile", "--quiet", *options.split())
    place = ("--python-version", OLDEST_PYTHON, "--output-file", str(output))
    subprocess.run([*command, *place, *arguments], check=True)


def write(pins: str) -> None:
    """Write the pins file and what repeats it."""
    PINS.write_text(pins, "utf-8", newline="\n")
    block = "".join(f'    "{requirement}",\n' for requirement in requirements(pins))
    _replace(PYPROJECT, _BLOCK, block)
    listed = textwrap.fill(f"[{', '.join(names(pins))}]", 96, break_on_hyphens=False)
    _replace(QUESTIONNAIRE, _NAMES, "  default: >-\n" + textwrap.indent(listed, "    "))


def _replace(path: Path, pattern: re.Pattern[str], replacement: str) -> None:
    text, count = pattern.subn(lambda _: replacement, path.read_text("utf-8"))
    assert count == 1, f"{path.name} has lost the place of the pins"
    path.write_text(text, "utf-8", newline="\n")


if __name__ == "__main__":
    write(resolve(sys.argv[1:]))
    resolve_tools(sys.argv[1:])
