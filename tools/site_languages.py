"""MkDocs' hooks that make two sites of docs/: one in Portuguese, and below en/ one in English.

Each is built by a configuration of its own, and has its own words, navigation and search.
"""

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page
from mkdocs.utils.templates import TemplateContext

ENGLISH = "en/"
# Both sites have them.
SHARED = ("decisions/", "images/")


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Leave out the pages of the other language, and take `en/` off the addresses of the English site."""
    is_english = _is_english(config)
    kept = []
    for file in files:
        in_english = file.src_uri.startswith(ENGLISH)
        # What the theme brings has no place in docs/.
        is_page_or_picture = file.src_dir == config.docs_dir
        if is_page_or_picture and in_english != is_english:
            if not file.src_uri.startswith(SHARED):
                continue
        if in_english:
            file.dest_uri = file.dest_uri.removeprefix(ENGLISH)
        kept.append(file)
    return Files(kept)


def on_page_context(
    context: TemplateContext, *, page: Page, config: MkDocsConfig, nav: Navigation
) -> TemplateContext:
    """Have the language switcher, and search engines, find the same page in the other language."""
    above = "../" if _is_english(config) else ""
    links = {"pt-BR": f"{above}{page.url}", "en": page.url if above else f"{ENGLISH}{page.url}"}
    for alternate in config.extra["alternate"]:
        alternate["link"] = links[alternate["lang"]] or "./"
    return context


def _is_english(config: MkDocsConfig) -> bool:
    return config.theme["language"] == "en"
