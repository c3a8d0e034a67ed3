"""The documentation's site, as built: it asks no other host, draws its diagrams, and changes language."""

import http.server
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from variants import ROOT

PAGES = ("", "architecture/", "presets/customer_support/", "questionnaire/", "decisions/")
ARCHITECTURE = ROOT / "docs" / "architecture.md"
PHONE: ViewportSize = {"width": 360, "height": 740}


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing of each request."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Build both sites, serve them, and return their address."""
    folder = tmp_path_factory.mktemp("site")
    for configuration, part in (("mkdocs.yml", folder), ("mkdocs.en.yml", folder / "en")):
        build = ["build", "--strict", "--quiet", "--config-file", configuration]
        subprocess.run(
            [sys.executable, "-m", "mkdocs", *build, "--site-dir", str(part)],
            cwd=ROOT,
            env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
            check=True,
        )
    handler = partial(_Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport=PHONE)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize(
    "path", [f"{language}{path}" for path in PAGES for language in ("", "en/")]
)
def test_a_page_asks_no_other_host_and_fits_on_a_phone(site: str, page: Page, path: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(site + path)
    page.wait_for_load_state("networkidle")

    foreign = [url for url in asked if not url.startswith((site, "data:", "blob:"))]
    assert foreign == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_diagrams_are_drawn(site: str, page: Page) -> None:
    page.goto(f"{site}architecture/")

    # The theme draws into a closed shadow root, in place of the text.
    expect(page.locator("pre.mermaid")).to_have_count(0)
    drawn = page.locator("div.mermaid")
    expect(drawn).to_have_count(ARCHITECTURE.read_text("utf-8").count("```mermaid\n"))
    for diagram in drawn.all():
        box = diagram.bounding_box()
        assert box is not None and box["height"] > 100


def test_the_switcher_leads_to_the_same_page_in_the_other_language(site: str, page: Page) -> None:
    page.goto(f"{site}channels/websocket/")
    address = page.locator("link[hreflang=en]").get_attribute("href") or ""

    page.goto(page.url + address)

    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert page.url == f"{site}en/channels/websocket/"
    page.locator(".md-select__link[hreflang='pt-BR']").dispatch_event("click")
    page.wait_for_url(f"{site}channels/websocket/")


@pytest.mark.parametrize(
    ("path", "words", "found"),
    [("", "varre a tabela", "Arquitetura"), ("en/", "scans", "Architecture")],
)
def test_the_search_finds_pages_of_its_language_alone(
    site: str, page: Page, path: str, words: str, found: str
) -> None:
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(site + path)
    page.get_by_role("textbox").first.fill(words)

    results = page.locator(".md-search-result__link")
    expect(results.filter(has_text=found).first).to_be_visible()
    addresses = [link.get_attribute("href") or "" for link in results.all()]
    pages = page.evaluate("links => links.map(link => new URL(link, location).pathname)", addresses)
    assert {name.startswith("/en/") for name in pages} == {path == "en/"}
