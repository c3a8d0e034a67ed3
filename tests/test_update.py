"""A bot takes over a new release of the template, and keeps what its owner has changed."""

from pathlib import Path
from typing import Any

import copier
import pytest

from releases import NEW, NEW_FILE, OLD, RELEASE, Repository, copy
from sources import sources

pytestmark = pytest.mark.usefixtures("fast_updates")

GRAPH = "app/core/service/llm/graph"
EVERYTHING = {"channels": ["websocket", "rest", "whatsapp"]}

# What an owner is invited to change: file, text there, text instead.
OWNER = {
    f"{GRAPH}/prompts.py": ('SYSTEM_PROMPT = """', 'SYSTEM_PROMPT = """Responda sobre pneus. '),
    f"{GRAPH}/state.py": (
        'fields below."""\n',
        'fields below."""\n\n    intent: str | None\n',
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


def update(bot: Repository, **answers: Any) -> None:
    copier.run_update(bot.path, data=answers, defaults=True, overwrite=True, quiet=True)


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

    assert bot.conflicts() == []
    assert bot.files() == copy(releases, tmp_path / "fresh", NEW, answers).files()


def test_what_the_owner_changed_stays_and_the_release_arrives(
    releases: Repository, tmp_path: Path
) -> None:
    bot = copy(releases, tmp_path / "bot", OLD, EVERYTHING)
    for name, (old, new) in OWNER.items():
        bot.replace(name, old, new)
    (bot.path / "app" / "tyres.py").write_text('"""Tyres."""\n', "utf-8")
    (bot.path / ".gitattributes").unlink()
    bot.commit()

    update(bot)

    assert bot.conflicts() == []
    files = bot.files()
    for name, (_, new) in OWNER.items():
        assert new in files[name], name
    destinations = {
        source.path.relative_to(releases.path).as_posix(): source.destination.as_posix()
        for source in sources(releases.path)
    }
    for name, (_, new) in RELEASE.items():
        assert new in files[destinations[name]], name
    assert NEW_FILE in files
    assert "app/tyres.py" in files
    assert ".gitattributes" not in files


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

    assert bot.conflicts() == []
    fresh = copy(releases, tmp_path / "fresh", NEW, {"channels": after})
    assert bot.files() == fresh.files()


def test_lines_changed_by_both_sides_are_marked_and_keep_the_owners_text(
    releases: Repository, tmp_path: Path
) -> None:
    bot = copy(releases, tmp_path / "bot", OLD, {})
    bot.replace("Dockerfile", "EXPOSE 8181", "EXPOSE 9191")
    bot.commit()

    update(bot)

    assert "Dockerfile" in bot.conflicts()
    assert "EXPOSE 9191" in bot.files()["Dockerfile"]
