"""Which files of a bot a module of its tests can see: what it imports, and what that imports."""

import ast
import hashlib
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import chain, filterfalse
from pathlib import Path

_MODULE = re.compile(r"[a-z_]\w*(\.[a-z_]\w*)+")
_CONFTEST = "tests/conftest.py"
_PROJECT = "pyproject.toml"


class VisibleFiles:
    """The files of one bot, with what they import from each other."""

    def __init__(self, bot: Path) -> None:
        self._bot = bot
        self._texts: dict[str, str | None] = {}
        self._imported: dict[str, frozenset[str]] = {}

    def seen_by(self, module: str) -> str:
        """Return the hash of all modules that a test module can see.

        Of conftest.py they see what the fixtures use that they ask for; its automatic fixtures hide the
        surroundings from all alike. One in a folder of its own may do anything with the folder's tests.
        """
        seen = self._closure(module)
        for conftest in self._conftests(module):
            if conftest == _CONFTEST:
                seen |= {conftest} | self._used_by(conftest, self._arguments_in(seen))
            else:
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
        if name == _PROJECT:
            return self._project()
        if (text := self._texts.get(name)) is not None:
            return text.encode()
        path = self._bot / name
        if path.is_dir():
            return "\0".join(sorted(child.name for child in path.iterdir())).encode()
        return path.read_bytes() if path.is_file() else b"\0missing"

    def _project(self) -> bytes:
        """Return what a bot can see of its project: not the packages, here all bots have the same."""
        document = tomllib.loads(self._text(_PROJECT) or "")
        document.get("project", {}).pop("dependencies", None)
        document.get("tool", {}).pop("uv", None)
        document.pop("dependency-groups", None)
        return repr(document).encode()

    def _used_by(self, conftest: str, fixtures: set[str]) -> set[str]:
        """Return what the named fixtures of a conftest.py import, and what these ask for."""
        definitions = _definitions(self._text(conftest) or "")
        modules: set[str] = set()
        waiting, done = set(fixtures), set[str]()
        while waiting:
            name = waiting.pop()
            done.add(name)
            if name in definitions:
                modules |= definitions[name].modules
                waiting |= definitions[name].names - done
        files = chain.from_iterable(map(_files_of, modules))
        return self._closure(*(file for file in files if self._text(file) is not None))

    def _closure(self, *modules: str) -> set[str]:
        seen: set[str] = set()
        waiting = set(modules)
        while waiting:
            name = waiting.pop()
            seen.add(name)
            waiting |= self._imported_by(name) - seen
        return seen

    def _imported_by(self, name: str) -> frozenset[str]:
        if name not in self._imported:
            imports = _imports(self._text(name) or "")
            files = frozenset(chain.from_iterable(map(_files_of, imports)))
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


@dataclass(frozen=True, slots=True)
class Definition:
    """What a name at the top of a module stands for: the names that it uses, and the modules."""

    names: frozenset[str]
    modules: frozenset[str]


@cache
def _definitions(text: str) -> dict[str, Definition]:
    """Return what each name at the top of a module is made of, but for automatic fixtures."""
    found: dict[str, Definition] = {}
    for node in filterfalse(_is_automatic, ast.parse(text).body):
        definition = Definition(frozenset(_names_in(node)), frozenset(_modules_in(node)))
        match node:
            case ast.Import() | ast.ImportFrom():
                bound = [(alias.asname or alias.name).partition(".")[0] for alias in node.names]
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                bound = [node.name]
            case _:
                stored = (n for n in ast.walk(node) if isinstance(n, ast.Name))
                bound = [name.id for name in stored if isinstance(name.ctx, ast.Store)]
        found |= dict.fromkeys(bound, definition)
    return found


def _is_automatic(node: ast.stmt) -> bool:
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return False
    return any("autouse" in ast.unparse(decorator) for decorator in node.decorator_list)


def _names_in(tree: ast.AST) -> Iterator[str]:
    """Yield the names that are used, those of arguments too: a fixture asks for others by them."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.arg):
            yield node.arg


@cache
def _imports(text: str) -> frozenset[str]:
    return frozenset(_modules_in(ast.parse(text)))


def _modules_in(tree: ast.AST) -> Iterator[str]:
    """Yield all that may be modules: in import statements, and as texts for a later import."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Constant) and _MODULE.fullmatch(str(node.value)):
            yield str(node.value)


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
