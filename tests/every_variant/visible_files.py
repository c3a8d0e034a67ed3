"""Which files of a bot a module of its tests can see: what it imports, and what that imports."""

import ast
import hashlib
import itertools
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

_MODULE = re.compile(r"[a-z_]\w*(\.[a-z_]\w*)+")
_CONFTEST = "tests/conftest.py"


class VisibleFiles:
    """The files of one bot, with what they import from each other."""

    def __init__(self, bot: Path) -> None:
        self._bot = bot
        self._texts: dict[str, str | None] = {}
        self._imported: dict[str, frozenset[str]] = {}

    def seen_by(self, module: str) -> str:
        """Return the hash of all modules that a test module can see.

        Most tests have nothing of conftest.py but its automatic fixtures, which hide the surroundings
        from all alike; tests that take one of its other fixtures see what the whole bot is.
        """
        seen = self._closure(module)
        for conftest in self._conftests(module):
            asked_for = self._arguments_in(seen - {conftest})
            seen |= {conftest}
            if conftest != _CONFTEST or asked_for & _fixtures(self._text(conftest) or ""):
                seen |= self._closure(conftest)
        return self.hash_of(seen)

    def hash_of(self, names: set[str]) -> str:
        """Return one hash of the names and the contents of files; of a folder, of its list."""
        whole = hashlib.sha256()
        for name in sorted(names):
            whole.update(f"{name}\0".encode())
            whole.update(self._content(name))
        return whole.hexdigest()

    def _content(self, name: str) -> bytes:
        if (text := self._texts.get(name)) is not None:
            return text.encode()
        path = self._bot / name
        if path.is_dir():
            return "\0".join(sorted(child.name for child in path.iterdir())).encode()
        return path.read_bytes() if path.is_file() else b"\0missing"

    def _closure(self, module: str) -> set[str]:
        seen: set[str] = set()
        waiting = {module}
        while waiting:
            name = waiting.pop()
            seen.add(name)
            waiting |= self._imported_by(name) - seen
        return seen

    def _imported_by(self, name: str) -> frozenset[str]:
        if name not in self._imported:
            imports = _imports(self._text(name) or "")
            files = frozenset(itertools.chain.from_iterable(map(_files_of, imports)))
            self._imported[name] = frozenset(f for f in files if self._text(f) is not None)
        return self._imported[name]

    def _conftests(self, module: str) -> Iterator[str]:
        for folder in Path(module).parents:
            name = (folder / "conftest.py").as_posix()
            if self._text(name) is not None:
                yield name

    def _arguments_in(self, names: set[str]) -> set[str]:
        tests = (name for name in names if name.startswith("tests/"))
        return set().union(*(_arguments(self._text(name) or "") for name in tests))

    def _text(self, name: str) -> str | None:
        if name not in self._texts:
            path = self._bot / name
            self._texts[name] = path.read_text("utf-8") if path.is_file() else None
        return self._texts[name]


@cache
def _files_of(module: str) -> list[str]:
    """Return the files that an import of a module runs, if they are the bot's."""
    parts = module.split(".")
    packages = ["/".join(parts[:size]) + "/__init__.py" for size in range(1, len(parts) + 1)]
    return [*packages, "/".join(parts) + ".py"]


@cache
def _imports(text: str) -> frozenset[str]:
    """Return all that may be modules: in import statements, and as texts for a later import."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Constant) and _MODULE.fullmatch(str(node.value)):
            found.add(str(node.value))
    return frozenset(found)


@cache
def _fixtures(text: str) -> frozenset[str]:
    """Return the fixtures of a conftest.py that a test must ask for."""
    return frozenset(
        node.name
        for node in ast.parse(text).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and any("fixture" in ast.unparse(decorator) for decorator in node.decorator_list)
        and not any("autouse" in ast.unparse(decorator) for decorator in node.decorator_list)
    )


@cache
def _arguments(text: str) -> frozenset[str]:
    """Return the names of all arguments, and of all fixtures asked for by `usefixtures`."""
    tree = ast.parse(text)
    arguments = {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    marks = [
        n for n in ast.walk(tree) if isinstance(n, ast.Call) and "usefixtures" in ast.unparse(n)
    ]
    named = {a.value for mark in marks for a in mark.args if isinstance(a, ast.Constant)}
    return frozenset(arguments | {str(name) for name in named})
