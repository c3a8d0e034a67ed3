"""Bots as processes, and pages in a Chromium that the machine has."""

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Dialog, sync_playwright

from browser.looks import dress
from browser.page import OpenPage, StartBot, Watched
from rendering import render
from serving import serving
from variants import ROOT

# Sandboxes and graphics cards are what containers lack; the rest keeps it off the network.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--pictures",
        action="store_true",
        help="take docs/images, and what is expected of the looks, anew",
    )


@pytest.fixture(scope="session")
def pictures(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pictures go: with --pictures to the documentation, else away."""
    if pytestconfig.getoption("--pictures"):
        return ROOT / "docs" / "images"
    return tmp_path_factory.mktemp("pictures")


@pytest.fixture(scope="session")
def anew(pytestconfig: pytest.Config) -> bool:
    """Whether what is expected of the pages is written anew."""
    return bool(pytestconfig.getoption("--pictures"))


@pytest.fixture(scope="session")
def start_bot(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartBot]:
    """Renders and starts a bot, `start_bot(answers, AUTH_MODE="api_key", …)`; returns its address."""
    addresses: dict[str, str] = {}
    with ExitStack() as running:

        def start(answers: dict[str, Any], **settings: str) -> str:
            key = json.dumps([answers, settings], sort_keys=True)
            if key not in addresses:
                bot = render(template, tmp_path_factory.mktemp("bot") / "bot", answers)
                addresses[key] = running.enter_context(serving(bot, settings))
            return addresses[key]

        yield start


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    # None is the Chromium that Playwright downloaded.
    path = os.environ.get("CHROMIUM") or None
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        # Debian's Chromium would write into the person's own home.
        environment: dict[str, str | float | bool] = {**os.environ, "HOME": home}
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS, env=environment)
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[OpenPage]:
    """Opens a page as a new person: `open_page(url, width=360, height=740, dressed=True)`."""
    contexts = []

    def open_(
        url: str, width: int = 1280, height: int = 800, dressed: bool = False, **options: Any
    ) -> Watched:
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        if dressed:  # As in the pictures, and with questions that a test may ask the page.
            dress(context)
        watched = Watched(context.new_page())
        page, problems = watched.page, watched.problems
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("dialog", lambda dialog: _note_dialog(problems, dialog))
        page.on("console", lambda said: _note_if_bad(problems, said))
        page.goto(url)
        return watched

    yield open_
    for context in contexts:
        context.close()


def _note_dialog(problems: list[str], dialog: Dialog) -> None:
    problems.append(dialog.message)
    dialog.dismiss()


def _note_if_bad(problems: list[str], said: ConsoleMessage) -> None:
    if said.type in ("error", "warning"):
        problems.append(said.text)
