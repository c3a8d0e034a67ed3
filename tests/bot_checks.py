"""What must hold for the files of every bot; each check raises an AssertionError."""

import ast
import json
import re
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path, PurePosixPath

import yaml

import cloudformation
from leftovers import leftovers
from sources import sources
from variants import Variant

# How the package that is imported is called where it is installed from.
DISTRIBUTIONS = {
    "dotenv": "python-dotenv",
    "jwt": "pyjwt",
    "xdist": "pytest-xdist",
    "yaml": "pyyaml",
}
# Imported, though another package brings them: these are parts of its documented interface.
PARTS_OF = {
    "cryptography": "pyjwt",  # its extra "crypto"
    "opentelemetry": "langfuse",  # its spans are OpenTelemetry's
    "botocore": "aiobotocore",
    "yarl": "aiohttp",
    "pydantic_core": "pydantic",
    "starlette": "fastapi",
}
# Declared, though nothing imports them.
USED_WITHOUT_IMPORT = {
    "httptools": "uvicorn takes it to parse requests where it is installed",
    "uvloop": "uvicorn takes it as the event loop where it is installed",
    "websockets": "uvicorn speaks the protocol with it",
    "awslambdaric": "a command, that of the image",
    "import-linter": "a command",
    "langgraph-checkpoint-conformance": "imported as langgraph.checkpoint.conformance",
    "mypy": "a command",
    "pytest-asyncio": "a plug-in",
    "pytest-xdist": "a plug-in",
    "ruff": "a command",
    "uv": "a command, which also brings the local AWS",
}
# Set by the image or the stack, not by people.
NOT_IN_ENV_TEMPLATE = {"running_in_container", "socket_callback_url", "turn_function_name"}

BOT_PACKAGES = {
    "app",
    "clients",
    "domain",
    "evals",
    "infra",
    "interface",
    "scripts",
    "tests",
    "main",
}


# Most files are in hundreds of bots: what is found out about a text is kept, here and below.
@cache
def texts(bot: Path) -> tuple[tuple[PurePosixPath, str], ...]:
    """Return the path and the text of every file of a bot."""
    files = [path for path in sorted(bot.rglob("*")) if path.is_file()]
    return tuple(
        (
            PurePosixPath(path.relative_to(bot).as_posix()),
            _one_of_its_like(path.read_bytes().decode()),
        )
        for path in files
    )


@cache
def _one_of_its_like(text: str) -> str:
    """Return the first text that was equal to this one, so that each is in memory once."""
    return text


def require_recorded_answers(bot: Path, variant: Variant) -> None:
    recorded = yaml.safe_load((bot / ".copier-answers.yml").read_text("utf-8"))
    assert variant.answers.items() <= recorded.items()


def require_whole_files(bot: Path) -> None:
    for path, text in texts(bot):
        _require_whole(path, text)


@cache
def _require_whole(path: PurePosixPath, text: str) -> None:
    assert text.endswith("\n") or not text, path
    assert "\r" not in text, path
    match path.suffix:
        case ".py":
            ast.parse(text, str(path))
        case ".json":
            json.loads(text)
        case ".toml":
            tomllib.loads(text)
        case ".yaml" if "cloudformation" in path.parts:
            assert cloudformation.load(text)["Resources"], path
        case ".yml" | ".yaml":
            assert list(yaml.safe_load_all(text)), path


# GitHub's expressions, the labels and values of Prometheus, the legends of Grafana.
_BRACES_OF_OTHERS = re.compile(r'\$\{\{.*?\}\}|\{\{ \$.*?\}\}|(?<="legendFormat": ").*(?=")')


def require_no_tag(template: Path, bot: Path) -> None:
    with_jinja = _destinations_with_jinja(template)
    for path, text in texts(bot):
        if path in with_jinja:
            assert not _tags(text), path


@cache
def _destinations_with_jinja(template: Path) -> frozenset[PurePosixPath]:
    return frozenset(s.destination for s in sources(template) if s.has_jinja)


@cache
def _tags(text: str) -> tuple[str, ...]:
    return tuple(re.findall(r"\{%|%\}|\{\{|\}\}|\{#", _BRACES_OF_OTHERS.sub("", text)))


def require_nothing_unchosen(bot: Path, variant: Variant) -> None:
    assert list(leftovers(texts(bot), variant)) == []


def require_declared_imports_and_used_dependencies(bot: Path) -> None:
    pyproject = tomllib.loads((bot / "pyproject.toml").read_text("utf-8"))
    runtime = _names(pyproject["project"]["dependencies"])
    development = _names(pyproject["dependency-groups"]["dev"])
    imported = {path: _imports(text) for path, text in texts(bot) if path.suffix == ".py"}
    by_the_bot = frozenset().union(
        *(names for path, names in imported.items() if _is_runtime(path))
    )
    by_anything = frozenset().union(*imported.values())

    assert by_the_bot - runtime == set()
    assert by_anything - runtime - development == set()
    assert runtime - by_the_bot - USED_WITHOUT_IMPORT.keys() == set()
    assert development - by_anything - USED_WITHOUT_IMPORT.keys() == set()


def require_used_definitions(bot: Path) -> None:
    code = {path: text for path, text in texts(bot) if path.suffix == ".py" and _is_runtime(path)}
    # Some of what the owner's own graph may need is so far only shown in the documentation.
    shown = [text for path, text in texts(bot) if path.parts[0] == "docs"]
    words = [_words(text) for text in (*code.values(), *shown)]

    unused = {
        f"{path}: {name}"
        for path, text in code.items()
        for name in _definitions(text)
        if sum(counted[name] for counted in words) < 2 and name != "__all__"
    }
    assert unused == set()


def require_pinned_dependencies(bot: Path) -> None:
    pyproject = tomllib.loads((bot / "pyproject.toml").read_text("utf-8"))
    wanted = pyproject["project"]["dependencies"] + pyproject["dependency-groups"]["dev"]
    pinned = _pinned((bot / "pins.txt").read_text("utf-8"))

    assert {name.lower() for name in _names(wanted)} <= pinned


def require_settings_that_are_read_and_offered(bot: Path) -> None:
    code = {path: text for path, text in texts(bot) if path.suffix == ".py" and _is_runtime(path)}
    fields = {
        field
        for path, text in code.items()
        if PurePosixPath("app/core/settings") in path.parents
        for field in _fields(text)
    }
    everything = "\n".join(code.values())
    offered = re.findall(r"^#?([A-Z][A-Z0-9_]+)=", (bot / ".env-template").read_text("utf-8"), re.M)

    unread = {name for name in fields if not re.search(rf"[.\"']{name}\b", everything)}
    assert unread == set()
    assert sorted(offered) == sorted(name.upper() for name in fields - NOT_IN_ENV_TEMPLATE)


def require_an_environment_file_for_docker_too(bot: Path) -> None:
    for line in (bot / ".env-template").read_text("utf-8").splitlines():
        assert re.fullmatch(r"|#.*|[A-Z][A-Z0-9_]*=[^\s\"'#]*", line), line


def _names(requirements: list[str]) -> set[str]:
    return {re.split(r"[^A-Za-z0-9_-]", requirement)[0] for requirement in requirements}


def _is_runtime(path: PurePosixPath) -> bool:
    return path.parts[0] != "tests" and path.name != "noxfile.py"


@cache
def _pinned(pins: str) -> frozenset[str]:
    return frozenset(re.findall(r"^([a-z0-9-]+)==", pins, re.M))


@cache
def _imports(text: str) -> frozenset[str]:
    """Return the distributions a module imports, but the standard library and the bot itself."""
    modules = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            modules |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            modules.add(node.module.split(".")[0])
    foreign = modules - sys.stdlib_module_names - BOT_PACKAGES
    named = {PARTS_OF.get(module, DISTRIBUTIONS.get(module, module)) for module in foreign}
    return frozenset(name.replace("_", "-") for name in named)


@cache
def _words(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w+", text))


@cache
def _definitions(text: str) -> tuple[str, ...]:
    return tuple(_defined(text))


def _defined(text: str) -> Iterator[str]:
    """Yield what a module defines itself and no decorator hands to somebody else."""
    for node in ast.parse(text).body:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                if not node.decorator_list:
                    yield node.name
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                yield name


def _fields(text: str) -> set[str]:
    """Return the fields of the settings classes in a module."""
    return {
        node.target.id
        for settings in ast.walk(ast.parse(text))
        if isinstance(settings, ast.ClassDef)
        for node in settings.body
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    }
