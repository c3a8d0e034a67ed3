"""What a bot shows to those who use and run it: its settings, endpoints, sessions, scripts, dependencies."""

import ast
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import bot_checks

_METHODS = ("get", "post", "put", "patch", "delete", "websocket")


def settings(bot: Path) -> list[str]:
    """Return the settings that .env-template offers, in its order."""
    offered = (bot / ".env-template").read_text("utf-8")
    return re.findall(r"^#?([A-Z][A-Z0-9_]+)=", offered, re.M)


def dependencies(bot: Path) -> list[str]:
    """Return the names of what the bot needs to run."""
    pyproject = tomllib.loads((bot / "pyproject.toml").read_text("utf-8"))
    return sorted(re.split(r"[\[=<>~ ]", line)[0] for line in pyproject["project"]["dependencies"])


def endpoints(bot: Path) -> list[tuple[str, str]]:
    """Return method and path of every route, as the decorators of interface/ have them."""
    return sorted(
        route
        for path, text in bot_checks.texts(bot)
        if path.parts[0] == "interface" and path.suffix == ".py"
        for route in _routes(text)
    )


def sessions(bot: Path) -> list[str]:
    """Return the names of the sessions of the bot's noxfile.py."""
    tree = ast.parse((bot / "noxfile.py").read_text("utf-8"))
    return [
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and "session" in map(_name, node.decorator_list)
    ]


def scripts(bot: Path) -> list[str]:
    """Return what of scripts/ can be started: `python -m scripts.NAME`."""
    started = (
        path.with_suffix("").parts
        for path, text in bot_checks.texts(bot)
        if path.parts[0] == "scripts" and path.suffix == ".py" and _is_started(path.name, text)
    )
    return sorted(".".join(parts).removesuffix(".__main__") for parts in started)


def _is_started(name: str, text: str) -> bool:
    return name == "__main__.py" or '__name__ == "__main__"' in text


@cache
def _routes(text: str) -> tuple[tuple[str, str], ...]:
    return tuple(_found_routes(ast.parse(text)))


def _found_routes(tree: ast.Module) -> Iterator[tuple[str, str]]:
    constants = {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }

    def text(node: ast.expr) -> str:
        value = constants.get(node.id, node) if isinstance(node, ast.Name) else node
        return str(ast.literal_eval(value))

    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    prefix = "".join(
        text(keyword.value)
        for call in calls
        if _name(call) == "APIRouter"
        for keyword in call.keywords
        if keyword.arg == "prefix"
    )
    for node in ast.walk(tree):
        for call in getattr(node, "decorator_list", ()):
            if isinstance(call, ast.Call) and _name(call) in _METHODS and call.args:
                yield _name(call).upper(), prefix + text(call.args[0])


def _name(node: ast.expr) -> str:
    """Return the last part of the name that is called: `nox.session(…)` is `session`."""
    called = node.func if isinstance(node, ast.Call) else node
    return called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
