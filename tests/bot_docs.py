"""What must hold for the README and the docs of a bot: nothing is missing, and nothing is named that is not there."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath
from posixpath import normpath

import bot_checks
import bot_surface

# Parts of a page, which nobody calls by themselves.
PARTS_OF_PAGES = ("/chat-page/", "/operator/page/", "/operator/review/page/")
# Their pages name these once, and then what follows.
BEGINNINGS = ("/operator/api/review", "/operator/api")
# Files that the docs tell people to make, or that tools make.
TO_BE_MADE = re.compile(
    r"\.env$|\.local-aws|uv\.lock|sbom\.json|image-packages|model\.gguf|keys\.txt|team_notifier\.py"
    r"|^evals/results/|/refs/"
)
# Names of the environment that are others', or that stand for a value.
OTHERS_NAMES = {
    "AWS_PROFILE",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "ID_DA_CONTA",
    "ID_DO_DONO",
    "OLLAMA_CONTEXT_LENGTH",
    "OWNER_ID",
}

# Not one whose brackets are escaped, as in a name that was typed.
_LINK = re.compile(r"(?<!\\)\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]+))?\)")
_CODE = re.compile(r"`([^`\n]+)`")
_FENCE = re.compile(r"^( *)```.*?^\1```$", re.M | re.S)
_HEADING = re.compile(r"^#{1,6} (.+)$", re.M)
_CAPITALS = re.compile(r"\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b")
_ASSIGNED = re.compile(r"^ *#?([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)=", re.M)
_PATH = re.compile(r"(?:[\w.-]+/)+[\w.-]+\.(?:py|md|mjs|jsonl?|ya?ml|toml|txt|sh|ps1)\b")
_SESSION = re.compile(r"nox -s (\w+)")
_MODULE = re.compile(r"python -m ((?:scripts|evals)(?:\.\w+)*)")


@dataclass(frozen=True, slots=True)
class Page:
    """What a page of the docs names."""

    links: tuple[tuple[str, str], ...]
    anchors: frozenset[str]
    files: frozenset[str]
    settings: frozenset[str]
    sessions: frozenset[str]
    modules: frozenset[str]


def require_everything_told(bot: Path) -> None:
    """Every setting, endpoint, session and script is named where people read, who begin with the README."""
    told = "\n".join(documents(bot).values())
    words = set(re.findall(r"\w+", told))
    sessions = bot_surface.sessions(bot)
    missing = [name for name in bot_surface.settings(bot) if name not in words]
    missing += [
        f"{method} {path}"
        for method, path in bot_surface.endpoints(bot)
        if not path.startswith(PARTS_OF_PAGES) and not _tells_path(told, path)
    ]
    missing += [f"nox -s {name}" for name in sessions if f"nox -s {name}" not in told]
    missing += [
        name
        for name in bot_surface.scripts(bot)
        # A session that starts it stands for it.
        if name.removeprefix("scripts.") not in sessions
        and name not in told
        and f"{name.replace('.', '/')}.py" not in told
    ]
    missing += [path.name for path in bot.glob("*.sh") if path.name not in told]
    missing += [name for name in _alarms(bot) if f"`{name}`" not in told]
    readme = _page((bot / "README.md").read_text("utf-8"))
    pages = {f"docs/{path.name}" for path in bot.glob("docs/*.md")}
    missing += sorted(pages - {target for target, _ in readme.links})

    assert missing == []


def require_nothing_invented(bot: Path) -> None:
    """Every link, file, setting, session and script that is named is there."""
    pages = {path: _page(text) for path, text in documents(bot).items()}
    files = {path.as_posix() for path, _ in bot_checks.texts(bot)}
    names = _names_beside(bot) | OTHERS_NAMES
    sessions, modules = set(bot_surface.sessions(bot)), _modules(files)
    wrong = [
        f"{path}: {what}"
        for path, page in pages.items()
        for what in (
            *_broken_links(path, pages, files),
            *(name for name in page.files - files if not _is_elsewhere(name, files)),
            *(name for name in page.settings - names if not name.startswith("OTEL_")),
            *page.sessions - sessions,
            *page.modules - modules,
        )
    ]

    assert sorted(wrong) == []


@cache
def _page(text: str) -> Page:
    outside = _FENCE.sub("", text)
    codes = [code for code in _CODE.findall(outside) if "://" not in code]
    headings = _HEADING.findall(outside)
    return Page(
        links=tuple(_LINK.findall(outside)),
        # As GitHub and GitLab make them.
        anchors=frozenset(
            re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")
            for heading in headings
        ),
        files=frozenset(name.removeprefix("./") for code in codes for name in _PATH.findall(code)),
        settings=frozenset(
            [
                *_ASSIGNED.findall(text),
                *(name for code in codes for name in _CAPITALS.findall(code)),
            ]
        ),
        sessions=frozenset(_SESSION.findall(text)),
        modules=frozenset(_MODULE.findall(text)),
    )


def documents(bot: Path) -> dict[PurePosixPath, str]:
    """Return the README and the pages of docs/, by their paths."""
    return {
        path: text for path, text in bot_checks.texts(bot) if path.parts[0] in ("README.md", "docs")
    }


def _alarms(bot: Path) -> list[str]:
    """Return the names of the stack's alarms, which people read in an e-mail."""
    stack = bot / "cloudformation" / "stack.yaml"
    named = r"AlarmName: !Sub \$\{AWS::StackName\}-(\S+)"
    return re.findall(named, stack.read_text("utf-8")) if stack.exists() else []


def _tells_path(told: str, path: str) -> bool:
    """Whether the docs name a path; of the operators' routes only what follows their beginning."""
    for beginning in BEGINNINGS:
        if path.startswith(beginning):
            return beginning in told and f"`{path.removeprefix(beginning)}`" in told
    return path.rstrip("/") in told


def _names_beside(bot: Path) -> set[str]:
    """Return the names in capitals that anything but the docs has."""
    return {
        name
        for path, text in bot_checks.texts(bot)
        if path.parts[0] not in ("README.md", "docs", "pins.txt")
        for name in _capitals(text)
    }


@cache
def _capitals(text: str) -> frozenset[str]:
    return frozenset(_CAPITALS.findall(text))


def _modules(files: set[str]) -> set[str]:
    dotted = (name.removesuffix(".py").replace("/", ".") for name in files if name.endswith(".py"))
    return {name.removesuffix(".__main__").removesuffix(".__init__") for name in dotted}


def _is_elsewhere(name: str, files: set[str]) -> bool:
    """Whether a file is one that people make, or named from the folder that the page speaks of."""
    return bool(TO_BE_MADE.search(name)) or any(file.endswith(f"/{name}") for file in files)


def _broken_links(
    path: PurePosixPath, pages: dict[PurePosixPath, Page], files: set[str]
) -> Iterator[str]:
    for target, anchor in pages[path].links:
        named = PurePosixPath(normpath(path.parent / target)) if target else path
        if named.as_posix() not in files:
            yield target
        elif anchor and anchor not in pages[named].anchors:
            yield f"{target}#{anchor}"
