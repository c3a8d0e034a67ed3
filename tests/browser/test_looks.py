"""How the pages look, and what a screen reader, a keyboard and a finger find there, in each of their states."""

import difflib
from collections.abc import Callable
from functools import partial
from itertools import product

import pytest
from playwright.sync_api import Browser

from browser import pictures
from browser.looks import KINDS, Looks, look_at
from browser.page import LANGUAGES, LOOKED_AT, OPERATORS, StartBot
from browser.states import PAGES, SCREENS
from variants import ROOT

EXPECTED = ROOT / "tests" / "browser" / "expected"
# Pictures that are not as expected, to look at.
TAKEN = ROOT / "build" / "pictures"
MOST_BYTES = 1_000_000
LookAtFirst = Callable[..., Looks]
EVERY_PAGE = list(product(LANGUAGES, PAGES, SCREENS))
# For each kind of fault a rule that makes one.
BREAKING = {
    "axe": ":root { --quiet: light-dark(#bbb, #555) }",
    "forced colours": "@media (forced-colors: active) { .icon { background: Canvas } }",
    "keyboard": ":focus-visible { outline: 0 }",
    "motion": ".logo { animation: wait 1s infinite !important }",
    "targets": ".icon-button { inline-size: 1rem }",
    "width": ".starter { min-inline-size: 81rem }",
}
# Rules of which each breaks the chat page's first state in its own way.
NOTICED = (
    ".sidebar { inline-size: 17rem }",
    ".welcome { text-align: start }",
    ".hint { display: none }",
    ":root { --text: light-dark(#999, #666) }",
)
# Letters as another renderer draws them.
NOT_NOTICED = "* { text-rendering: geometricPrecision; -webkit-text-stroke: 0.2px }"


@pytest.fixture(scope="session", params=EVERY_PAGE, ids="-".join)
def looks(request: pytest.FixtureRequest, start_bot: StartBot, browser: Browser) -> Looks:
    language, page, screen = request.param
    return look_at(browser, start_bot(LOOKED_AT[language], **OPERATORS), page, language, screen)


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_wrong_in_any_state_of_a_page(looks: Looks, kind: str) -> None:
    assert looks.faults[kind] == []


def test_a_screen_reader_finds_the_expected_names(looks: Looks, anew: bool) -> None:
    file = EXPECTED / "names" / f"{looks.name}.txt"
    found = _changes(looks.names)
    if anew:
        file.write_text(found, "utf-8", newline="\n")
    expected = file.read_text("utf-8")
    differences = difflib.unified_diff(expected.splitlines(), found.splitlines(), lineterm="")

    assert "\n".join(differences) == "", "If that is meant: nox -s browser -- --pictures"


def _changes(names: dict[str, str]) -> str:
    """Return the names in the first state, and for each other one what is not as in the one before."""
    before: list[str] = []
    lines = []
    for state, tree in names.items():
        now = tree.splitlines()
        lines += ["", f"=== {state}"]
        lines += [line for line in difflib.ndiff(before, now) if line[0] in "+-"]
        before = now
    return "\n".join(lines[1:]) + "\n"


def test_pictures_are_as_expected(looks: Looks, anew: bool) -> None:
    kept = {file.stem: file for file in (EXPECTED / "pictures").glob(f"{looks.name}-*.png")}
    if anew:
        for file in kept.values():
            file.unlink()
        for name, picture in looks.pictures.items():
            pictures.keep(picture, EXPECTED / "pictures" / f"{name}.png")
        return

    assert looks.pictures.keys() == kept.keys()
    differences = {
        name: pictures.difference(picture, kept[name]) for name, picture in looks.pictures.items()
    }
    for name in filter(differences.get, differences):
        TAKEN.mkdir(parents=True, exist_ok=True)
        (TAKEN / f"{name}.png").write_bytes(looks.pictures[name])
    assert not any(differences.values()), (
        f"{differences}: look at {TAKEN}; if that is meant: nox -s browser -- --pictures"
    )


def test_pictures_are_of_these_pages_and_small() -> None:
    files = list((EXPECTED / "pictures").iterdir())
    rows = tuple(f"{page}-{language}-{screen}-" for language, page, screen in EVERY_PAGE)

    assert all(file.name.startswith(rows) for file in files)
    assert sum(file.stat().st_size for file in files) < MOST_BYTES


@pytest.fixture
def look_at_first(start_bot: StartBot, browser: Browser) -> LookAtFirst:
    """Looks at the chat page's first state: `look_at_first(style="rules laid over its own")`."""
    url = start_bot(LOOKED_AT["en"], **OPERATORS)
    return partial(look_at, browser, url, "chat", "en", "desktop", only_first=True)


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_fault_is_found(look_at_first: LookAtFirst, kind: str) -> None:
    assert look_at_first(style=BREAKING[kind]).faults[kind]


@pytest.mark.parametrize("style", NOTICED)
def test_a_broken_rule_is_noticed(look_at_first: LookAtFirst, style: str) -> None:
    assert all(_differences(look_at_first(style=style)))


def test_another_way_to_draw_letters_is_not_noticed(
    look_at_first: LookAtFirst,
) -> None:
    assert not any(_differences(look_at_first(style=NOT_NOTICED)))


def _differences(looks: Looks) -> list[str]:
    return [
        pictures.difference(picture, EXPECTED / "pictures" / f"{name}.png")
        for name, picture in looks.pictures.items()
    ]
