"""A page's looks in each of its states: brought there once, and looked at in every way."""

import base64
import json
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

import axe_playwright_python
import font_lato
from playwright.sync_api import Browser, BrowserContext, Page

from browser.states import PAGES, SCREENS, Visit

# Runs before a page's own scripts.
IN_THE_PAGE = (
    Path(__file__).with_name("looks.js"),
    Path(str(files(axe_playwright_python))) / "axe.min.js",
)
LETTERS = {"400": font_lato.Lato, "600 700": font_lato.LatoBold}
KINDS = ("axe", "forced colours", "keyboard", "motion", "targets", "width")
SCHEMES = ("light", "dark")
# A window of 1280 x 800 px at 400 % (WCAG 2.2, 1.4.10) and at 200 % (1.4.4).
ZOOMED = ((320, 256), (640, 400))
# More stops of the Tab key than any page has.
MOST_STOPS = 100

_RULES = {
    "runOnly": [
        "wcag2a",
        "wcag2aa",
        "wcag21a",
        "wcag21aa",
        "wcag22a",
        "wcag22aa",
        "best-practice",
    ],
    "resultTypes": ["violations"],
}
# What the other colours can change.
_COLOUR_RULES = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}

_LONG_RUN = re.compile(r"(.)\1{99,}")


@dataclass(slots=True)
class Looks:
    """What was found on one page, in one language, on one screen; by kind and by state."""

    name: str
    faults: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    names: dict[str, str] = field(default_factory=dict)
    pictures: dict[str, bytes] = field(default_factory=dict)

    def note(self, kind: str, state: str, faults: Iterable[str]) -> None:
        self.faults[kind] += [f"{state}: {fault}" for fault in faults]


def look_at(
    browser: Browser,
    url: str,
    name: str,
    language: str,
    screen: str,
    *,
    style: str = "",
    only_first: bool = False,
) -> Looks:
    """Bring a page into each of its states, or only the first, and look at it there.

    `style` has rules that are laid over the page's own.
    """
    looks = Looks(f"{name}-{language}-{screen}")
    options = dict(SCREENS[screen])
    size = {"width": options.pop("width"), "height": options.pop("height")}
    with browser.new_context(viewport=size, locale=language, **options) as context:
        dress(context, style)
        visit = Visit(context.new_page(), url=url, language=language, screen=screen)
        for state in PAGES[name].states(visit):
            _look_at_state(looks, visit.page, state, size, state in PAGES[name].pictured)
            _look_closer[screen](looks, visit.page, state, size)
            if only_first:
                break
    return looks


def dress(context: BrowserContext, style: str = "") -> None:
    """Have pages show the same letters on every machine, and answer questions about themselves."""
    for script in IN_THE_PAGE:
        context.add_init_script(path=script)
    letters = {
        weight: base64.b64encode(Path(file).read_bytes()).decode()
        for weight, file in LETTERS.items()
    }
    context.add_init_script(f"looks.dress({json.dumps(letters)}, {json.dumps(style)})")


def _look_at_state(
    looks: Looks, page: Page, state: str, size: dict[str, int], is_pictured: bool
) -> None:
    page.mouse.move(0, 0)
    page.evaluate("looks.steady()")
    looks.names[state] = _LONG_RUN.sub(r"\1…", page.locator("body").aria_snapshot())
    looks.note("axe", state, _violations(page, _RULES))
    looks.note("targets", state, page.evaluate("looks.smallTargets()"))
    looks.note("width", state, _too_wide(page, size))
    for scheme in reversed(SCHEMES):
        page.emulate_media(color_scheme=scheme)
        if scheme == "dark":
            looks.note("axe", f"{state}, dark", _violations(page, _COLOUR_RULES))
        if is_pictured:
            looks.pictures[f"{looks.name}-{scheme}-{state.replace(' ', '-')}"] = _take(page)
    page.evaluate("looks.remember()")
    page.emulate_media(forced_colors="active", reduced_motion="reduce")
    looks.note("forced colours", state, page.evaluate("looks.lost()"))
    looks.note("motion", state, page.evaluate("looks.moving()"))
    page.emulate_media(forced_colors="none", reduced_motion="no-preference")


def _tab_through(looks: Looks, page: Page, state: str, size: dict[str, int]) -> None:
    """Go through all of the page with the Tab key; afterwards the focus is where it was."""
    before = page.evaluate_handle("document.activeElement")
    page.evaluate("looks.startOver()")
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        faults = page.evaluate("looks.stop()")
        if faults is None:
            break
        looks.note("keyboard", state, faults)
    looks.note("keyboard", state, page.evaluate("looks.unreached()"))
    before.evaluate("element => element.focus()")


def _zoom_in(looks: Looks, page: Page, state: str, size: dict[str, int]) -> None:
    for width, height in ZOOMED:
        zoomed = {"width": width, "height": height}
        page.set_viewport_size(zoomed)
        looks.note("width", f"{state}, {width} px", _too_wide(page, zoomed))
    page.set_viewport_size(size)


_look_closer = {"desktop": _tab_through, "phone": _zoom_in}


def _violations(page: Page, rules: dict[str, Any]) -> list[str]:
    violations = page.evaluate("rules => axe.run(rules).then(found => found.violations)", rules)
    return [
        f"{violation['id']}: {node['html'][:120]} {node['failureSummary']}"
        for violation in violations
        for node in violation["nodes"]
    ]


def _too_wide(page: Page, size: dict[str, int]) -> list[str]:
    faults: list[str] = page.evaluate("({ width, height }) => looks.tooWide(width, height)", size)
    return faults


def _take(page: Page) -> bytes:
    picture: bytes = page.screenshot(animations="disabled", scale="css")
    return picture
