"""The documentation's site: the same in both languages, and what is generated is as the template makes it now."""

import re
from pathlib import Path, PurePosixPath

import pytest

from tools.docs_pages import Bots, Part, static_parts
from variants import ROOT, choices

DOCS = ROOT / "docs"
# They are there once, for both sites.
OF_BOTH = ("decisions/", "images/", "assets/")
OUTSIDE_THE_SITE = ("README.md", "README.en.md", "CONTRIBUTING.md")
# Whoever links to another host adds it here: nothing is fetched to see whether it is still there.
HOSTS = {
    "copier.readthedocs.io",
    "docs.astral.sh",
    "www.rfc-editor.org",
}

_LINK = re.compile(r"\]\((?!https?:|mailto:)([^)#\s]*)(?:#[^)\s]+)?\)")
_HOST = re.compile(r"(?:\]\(|<)https?://([^/)>\s:]+)")
_FENCE = re.compile(r"^( *)```.*?^\1```$", re.M | re.S)
_HEADING = re.compile(r"^(#+) ", re.M)


def pages(language: str) -> dict[str, str]:
    """Return the text of each page of a language, by its path in the site."""
    folder = DOCS / "en" if language == "en" else DOCS
    found = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*.md")}
    return {
        name: path.read_text("utf-8")
        for name, path in found.items()
        if not name.startswith((*OF_BOTH, "en/"))
    }


def test_both_languages_have_the_same_pages() -> None:
    assert pages("pt-BR").keys() == pages("en").keys()


@pytest.mark.parametrize("name", pages("en"))
def test_a_page_has_the_same_parts_in_both_languages(name: str) -> None:
    portuguese, english = (_FENCE.sub("", pages(language)[name]) for language in ("pt-BR", "en"))

    assert _HEADING.findall(portuguese) == _HEADING.findall(english)
    assert _shape_of_tables(portuguese) == _shape_of_tables(english)
    assert _blocks_of_code(pages("pt-BR")[name]) == _blocks_of_code(pages("en")[name])


def test_both_navigations_have_every_page_in_the_same_order() -> None:
    portuguese = _navigation("mkdocs.yml")
    english = [name.removeprefix("en/") for name in _navigation("mkdocs.en.yml")]
    decisions = {p.relative_to(DOCS).as_posix() for p in DOCS.glob("decisions/*.md")}

    assert portuguese == english
    assert set(portuguese) == pages("en").keys() | decisions
    assert len(set(portuguese)) == len(portuguese)


@pytest.mark.parametrize("name", OUTSIDE_THE_SITE)
def test_what_the_site_has_not_links_to_files_that_are_there(name: str) -> None:
    """The links within the site are MkDocs' own to check, which `nox -s docs` does."""
    text = _FENCE.sub("", (ROOT / name).read_text("utf-8"))

    assert [target for target in _LINK.findall(text) if not (ROOT / target).exists()] == []


def test_other_hosts_are_known() -> None:
    texts = [*pages("pt-BR").values(), *pages("en").values()]
    texts += [(ROOT / name).read_text("utf-8") for name in OUTSIDE_THE_SITE]
    named = {host for text in texts for host in _HOST.findall(_FENCE.sub("", text))}

    assert named - {"127.0.0.1", "localhost"} == HOSTS


def test_every_preset_has_its_page() -> None:
    named = {PurePosixPath(name).stem for name in pages("en") if name.startswith("presets/")}

    assert named == {*choices("graph_preset"), "index"}


def test_every_picture_of_the_site_is_one_that_the_browser_tests_take() -> None:
    taken = {path.name for path in (DOCS / "images").iterdir()}
    shown = {
        PurePosixPath(target).name
        for language in ("pt-BR", "en")
        for text in pages(language).values()
        for target in re.findall(r"!\[[^\]]*\]\(([^)\s]+)\)", text)
    }

    assert shown <= taken


def test_what_follows_from_the_template_is_as_it_makes_it_now(
    template: Path, tmp_path: Path
) -> None:
    stale = [
        _named(part) for part in static_parts(Bots(template, tmp_path)) if not part.is_in_place()
    ]

    assert stale == [], "run `nox -s pages`, and read in the diff what has changed"


def _named(part: Part) -> str:
    return f"{part.page.relative_to(ROOT).as_posix()}: {part.name}"


def _shape_of_tables(text: str) -> list[int]:
    return [line.count("|") for line in text.splitlines() if line.startswith("|")]


def _blocks_of_code(text: str) -> list[str]:
    return re.findall(r"^ *```(\w+)$", text, re.M)


def _navigation(name: str) -> list[str]:
    """Return the pages of a configuration's navigation, in their order."""
    _, _, nav = (ROOT / name).read_text("utf-8").partition("\nnav:\n")
    return re.findall(r"(?:- |: )([\w/-]+\.md)$", nav, re.M)
