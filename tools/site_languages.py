"""MkDocs' hooks that make two sites of docs/: one in Portuguese, and below en/ one in English.

Each is built by a configuration of its own, and has its own words, navigation and search.
"""

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page
from mkdocs.utils.templates import TemplateContext

ENGLISH = "en/"
# Both sites have them.
SHARED = ("decisions/", "images/", "assets/")
# With a scheme MkDocs leaves an address as it is; it is taken off again below.
AS_IT_IS = "as-it-is:"


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Leave out the pages of the other language, and take `en/` off the addresses of the English site."""
    kept = [file for file in files if _belongs(file, config)]
    for file in kept:
        file.dest_uri = file.dest_uri.removeprefix(ENGLISH)
    return Files(kept)


def on_page_context(
    context: TemplateContext, *, page: Page, config: MkDocsConfig, nav: Navigation
) -> TemplateContext:
    """Tell the language switcher, and search engines, where the same page is in the other language."""
    up = "../" * page.url.count("/") if page.url != "./" else ""
    address = page.url.removeprefix("./")
    links = (
        {"pt-BR": f"{up}../{address}", "en": "./"}
        if _is_english(config)
        else {"pt-BR": "./", "en": f"{up}{ENGLISH}{address}"}
    )
    for alternate in config.extra["alternate"]:
        alternate["link"] = AS_IT_IS + links[alternate["lang"]]
    return context


def on_post_page(output: str, *, page: Page, config: MkDocsConfig) -> str:
    """Write the addresses of the other language as they are."""
    return output.replace(AS_IT_IS, "")


def _belongs(file: File, config: MkDocsConfig) -> bool:
    # What the theme brings does not lie in docs/.
    address: str = file.src_uri
    is_shared: bool = file.src_dir != config.docs_dir or address.startswith(SHARED)
    return is_shared or address.startswith(ENGLISH) == _is_english(config)


def _is_english(config: MkDocsConfig) -> bool:
    return bool(config.theme["language"] == "en")
