"""MkDocs' hook that puts Mermaid itself into the site, so that diagrams ask no other host."""

from importlib.metadata import distribution
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

# A package that brings Mermaid's own build; nothing else of it is used.
PACKAGE, SCRIPT = "mermaidx", "mermaidx/assets/mermaid.js"


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Add the script that tools/site_theme/main.html loads where a page has a diagram."""
    script = Path(str(distribution(PACKAGE).locate_file(SCRIPT))).read_bytes()
    files.append(File.generated(config, "assets/javascripts/mermaid.js", content=script))
    return files
