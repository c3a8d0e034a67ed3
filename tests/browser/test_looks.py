"""How the pages look, and what a screen reader, a keyboard and a finger find there, in each of their states."""

import difflib
from itertools import product

import pytest
from playwright.sync_api import Browser

from browser import pictures
from browser.looks import KINDS, Looks, look_at, take
from browser.page import LANGUAGES, LOOKED_AT, OPERATORS, OpenPage, StartBot
from browser.states import PAGES, SCREENS
from variants import ROOT

EXPECTED = ROOT / "tests" / "browser" / "expected"
# Pictures that are not as expected, to look at.
TAKEN = ROOT / "build" / "pictures"
MOST_BYTES = 1_000_000


@pytest.fixture(scope="session", params=product(LANGUAGES, PAGES, SCREENS), ids="-".join)
def looks(request: pytest.FixtureRequest, start_bot: StartBot, browser: Browser) -> Looks:
    language, page, screen = request.param
    return look_at(browser, start_bot(LOOKED_AT[language], **OPERATORS), page, language, screen)


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_wrong_in_any_state_of_a_page(looks: Looks, kind: str) -> None:
    assert looks.faults[kind] == []


def test_a_screen_reader_finds_the_expected_names(looks: Looks, anew: bool) -> None:
    file = EXPECTED / "names" / f"{looks.name}.txt"
    found = "".join(f"=== {state}\n{names}\n\n" for state, names in looks.names.items())
    if anew:
        file.write_text(found, "utf-8", newline="\n")
    expected = file.read_text("utf-8")
    changes = difflib.unified_diff(expected.splitlines(), found.splitlines(), lineterm="")

    assert "\n".join(changes) == "", "If that is meant: nox -s browser -- --pictures"


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
