"""Every command of the template's pages and of the pages of every bot."""

import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from pages import commands
from rendering import hasten_copier, render
from variants import ROOT, VARIANTS, choices

OWN_PAGES = ("README.md", "README.en.md", "CONTRIBUTING.md")
# What a page is made of; the rest of the template does not change it.
_SOURCES = ("copier.yml", "macros", "template")
# The commands of another host depend on where the bot runs and whether people reach it over the web.
_HOSTED = (("websocket", "rest", "whatsapp"), ("whatsapp",))


def commands_of_all_pages(template: Path, folder: Path) -> dict[str, str]:
    """Return each command with a page that has it."""
    found: dict[str, str] = {}
    own = [ROOT / name for name in OWN_PAGES] + sorted((ROOT / "docs").rglob("*.md"))
    for page in own:
        _take(found, page, page.relative_to(ROOT).as_posix())
    for bot in _bots(_with_pages_only(template, folder / "template"), folder / "bots"):
        for page in sorted(bot.rglob("*.md")):
            _take(found, page, f"{bot.name}: {page.relative_to(bot).as_posix()}")
    return found


def _take(found: dict[str, str], page: Path, name: str) -> None:
    for command in _commands(page.read_text("utf-8")):
        found.setdefault(command, name)


@cache
def _commands(page: str) -> tuple[str, ...]:
    """Return the commands of a page, which many bots have as it is."""
    return tuple(commands(page))


def _with_pages_only(template: Path, slim: Path) -> Path:
    """Copy what is needed for the pages, so that a bot is made in a moment."""
    for name in _SOURCES:
        source = template / name
        files = [source] if source.is_file() else source.rglob("*")
        for file in files:
            is_page = ".md" in file.suffixes or name != "template"
            if file.is_file() and is_page:
                target = slim / file.relative_to(template)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(file, target)
    return slim


def _bots(template: Path, forest: Path) -> Iterator[Path]:
    """Yield the pages of every variant, and of bots on each host of the CI."""
    hasten_copier()
    for variant in VARIANTS:
        yield render(template, forest / variant.id, variant.answers)
    for variant in VARIANTS:
        if variant.channels in _HOSTED and variant.graph_preset == "basic" and variant.tracing:
            for ci in choices("ci"):
                yield render(template, forest / f"{variant.id}-{ci}", {**variant.answers, "ci": ci})
