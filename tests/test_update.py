"""A bot takes over a new release of the template, and keeps what its owner has changed."""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import copier
import pytest
from rendering import export

OLD, NEW = "v1.0.0", "v1.1.0"
GRAPH = "app/core/service/llm/graph"
EVERYTHING = {"channels": ["websocket", "rest", "whatsapp"]}

# What a release may change: a line in a file, a dependency, a new file.
RELEASE = {
    "template/app/core/service/chat/chat_service.py": ('"""The one way', '"""The only way'),
    "template/pyproject.toml.jinja": ('"ruff>=0.17.6,<0.18",', '"ruff>=0.17.7,<0.18",'),
    "template/Dockerfile": ("EXPOSE 8181", "EXPOSE 8181/tcp"),
}
NEW_FILE = "app/core/news.py"

# What an owner is invited to change: file, text there, text instead.
OWNER = {
    f"{GRAPH}/prompts.py": ('SYSTEM_PROMPT = """', 'SYSTEM_PROMPT = """Responda sobre pneus. '),
    f"{GRAPH}/state.py": (
        "    session_id: str | None\n",
        "    session_id: str | None\n\n    intent: str | None\n",
    ),
    f"{GRAPH}/nodes.py": (
        "    async def _respond_node",
        "    async def _greet_node(self, state: AgentState) -> dict[str, Any]:\n"
        "        return {}\n\n"
        "    async def _respond_node",
    ),
    f"{GRAPH}/orchestrator_agent_service.py": (
        '        workflow.add_node("respond", self._respond_node)\n',
        '        workflow.add_node("greet", self._greet_node)\n'
        '        workflow.add_node("respond", self._respond_node)\n',
    ),
    "app/core/settings_owner.py": (
        "class OwnerSettings",
        'CRM = "https://crm"\n\n\nclass OwnerSettings',
    ),
    "interface/api/owner_routes.py": (
        "router = APIRouter()",
        'router = APIRouter(tags=["owner"])',
    ),
    "pyproject.toml": ("owner = [\n", 'owner = [\n    "tyres>=1",\n'),
    ".env-template": ("RATE_LIMIT_PER_MINUTE=60", "RATE_LIMIT_PER_MINUTE=5"),
}


@dataclass(frozen=True, slots=True)
class Repository:
    """A git repository of the test's own."""

    path: Path

    def git(self, *arguments: str) -> str:
        identity = ["-c", "user.name=test", "-c", "user.email=test@localhost"]
        done = subprocess.run(
            ["git", *identity, *arguments],
            cwd=self.path,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    def commit(self) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "A change")

    def replace(self, name: str, old: str, new: str) -> None:
        file = self.path / name
        text = file.read_text("utf-8")
        assert old in text, f"{name} has no {old!r}"
        file.write_text(text.replace(old, new, 1), "utf-8", newline="\n")

    def files(self) -> dict[str, str]:
        """Return the text of every file, without the record of where it comes from."""
        found = {
            path.relative_to(self.path).as_posix(): path.read_text("utf-8")
            for path in self.path.rglob("*")
            if path.is_file() and ".git" not in path.relative_to(self.path).parts
        }
        del found[".copier-answers.yml"]
        return found


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """The template with two releases: this checkout, and one that changes a few lines of it."""
    repository = Repository(export(tmp_path_factory.mktemp("releases")))
    repository.git("init", "--quiet")
    repository.commit()
    repository.git("tag", OLD)
    for name, (old, new) in RELEASE.items():
        repository.replace(name, old, new)
    (repository.path / "template" / NEW_FILE).write_text('"""News."""\n', "utf-8")
    repository.commit()
    repository.git("tag", NEW)
    return repository


def copy(releases: Repository, bot: Path, version: str, answers: dict[str, Any]) -> Repository:
    copier.run_copy(
        str(releases.path), bot, data=answers, vcs_ref=version, defaults=True, quiet=True
    )
    repository = Repository(bot)
    repository.git("init", "--quiet")
    repository.commit()
    return repository


def update(bot: Repository, **answers: Any) -> None:
    copier.run_update(bot.path, data=answers, defaults=True, overwrite=True, quiet=True)


def conflicts(bot: Repository) -> list[str]:
    marked = [name for name, text in bot.files().items() if re.search(r"^<{7} ", text, re.M)]
    return marked + bot.git("diff", "--name-only", "--diff-filter=U").split()


@pytest.mark.parametrize(
    "answers",
    [{}, {"channels": ["whatsapp"], "language": "en", "tracing": False}],
    ids=["default", "whatsapp-untraced-en"],
)
def test_an_untouched_bot_becomes_what_a_new_one_would_be(
    releases: Repository, tmp_path: Path, answers: dict[str, Any]
) -> None:
    bot = copy(releases, tmp_path / "bot", OLD, answers)

    update(bot)

    assert conflicts(bot) == []
    assert bot.files() == copy(releases, tmp_path / "fresh", NEW, answers).files()


def test_what_the_owner_changed_stays_and_the_release_arrives(
    releases: Repository, tmp_path: Path
) -> None:
    bot = copy(releases, tmp_path / "bot", OLD, EVERYTHING)
    for name, (old, new) in OWNER.items():
        bot.replace(name, old, new)
    (bot.path / "app" / "tyres.py").write_text('"""Tyres."""\n', "utf-8")
    (bot.path / "docker-compose.yml").unlink()
    bot.commit()

    update(bot)

    assert conflicts(bot) == []
    files = bot.files()
    for name, (_, new) in OWNER.items():
        assert new in files[name], name
    for name, (_, new) in RELEASE.items():
        assert new in files[name.removeprefix("template/").removesuffix(".jinja")], name
    assert NEW_FILE in files
    assert "app/tyres.py" in files
    assert "docker-compose.yml" not in files


@pytest.mark.parametrize(
    ("before", "after"),
    [(["rest"], ["websocket", "rest"]), (["websocket", "rest", "whatsapp"], ["whatsapp"])],
    ids=["one-more", "two-less"],
)
def test_channels_can_be_changed_later(
    releases: Repository, tmp_path: Path, before: list[str], after: list[str]
) -> None:
    bot = copy(releases, tmp_path / "bot", OLD, {"channels": before})

    update(bot, channels=after)

    assert conflicts(bot) == []
    fresh = copy(releases, tmp_path / "fresh", NEW, {"channels": after})
    assert bot.files() == fresh.files()


def test_lines_changed_by_both_sides_are_marked_and_keep_the_owners_text(
    releases: Repository, tmp_path: Path
) -> None:
    bot = copy(releases, tmp_path / "bot", OLD, {})
    bot.replace("Dockerfile", "EXPOSE 8181", "EXPOSE 9191")
    bot.commit()

    update(bot)

    assert "Dockerfile" in conflicts(bot)
    assert "EXPOSE 9191" in bot.files()["Dockerfile"]
