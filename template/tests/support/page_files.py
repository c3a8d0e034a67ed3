"""The static files of a page, and what can be said of them without a browser."""

import re
from pathlib import Path

_UNSAFE = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|setHTML|document\.write|DOMParser|srcdoc"
    r"|createContextualFragment|\beval\b|new Function|setAttribute\(\"(?:style|on)"
)
_EXPORTED = re.compile(r"^export (?:async )?(?:const|function|class) (\w+)", re.MULTILINE)


class PageFiles:
    """A page's folder; `prefix` is the path under which its files are served, with slashes."""

    def __init__(self, folder: Path, prefix: str) -> None:
        self.prefix = prefix
        self.names = {path.name for path in folder.iterdir()} - {"index.html"}
        self._html = (folder / "index.html").read_text("utf-8")
        self._modules = {path.name: path.read_text("utf-8") for path in folder.glob("*.js")}
        self._code = "\n".join(self._modules.values())

    def references(self, text: str) -> set[str]:
        """Return the paths of this page's files that a file of it refers to."""
        absolute = re.findall(rf'(?:src|href)="({self.prefix}[^"]+)"', text)
        relative = re.findall(r'(?:from "\./|url\(")([\w.-]+)"', text)
        return {*absolute, *(self.prefix + name for name in relative)}

    def references_by_address(self, text: str) -> set[str]:
        """Return the paths of this page's files that a file of another page refers to."""
        return set(re.findall(rf'(?:src="|href="|from ")({self.prefix}[\w.-]+)"', text))

    def blocked_by_policy(self) -> list[str]:
        """Return what is inline, or from elsewhere."""
        return [
            *re.findall(r"<script(?![^>]*\ssrc=)", self._html),
            *re.findall(r"<style|\sstyle=|\son\w+=|javascript:", self._html),
            *re.findall(r'(?:src|href)="(?!/[^/]|#)[^"]*"', self._html),
        ]

    def unsafe_calls(self) -> list[str]:
        """Return what turns text into markup or code."""
        return _UNSAFE.findall(self._code)

    def texts_not_both_written_and_used(self) -> set[str]:
        """Return the names of texts that only the modules or only texts.js has."""
        used = set(re.findall(r"(?<!/)\btexts\.(\w+)", self._code))
        nested = set(re.findall(r"\btexts\.\w+\.(\w+)", self._code))
        written = self._modules["texts.js"]
        missing = nested - set(re.findall(r"^    (\w+):", written, re.MULTILINE))
        return (used ^ set(re.findall(r"^  (\w+):", written, re.MULTILINE))) | missing

    def elements_not_on_the_page(self) -> set[str]:
        """Return the ids that a module asks for in vain."""
        asked = set(re.findall(r'getElementById\("([\w-]+)"\)', self._code))
        assert asked
        return asked - set(re.findall(r'\bid="([\w-]+)"', self._html))

    def names_not_exported(self) -> set[str]:
        """Return the names that a module imports in vain."""
        missing: set[str] = set()
        for code in self._modules.values():
            for names, source in re.findall(r'import \{([^}]+)\} from "\./([\w.-]+)"', code):
                imported = {part.strip() for part in names.split(",") if part.strip()}
                missing |= imported - self._exports(source)
            for alias, source in re.findall(r'import \* as (\w+) from "\./([\w.-]+)"', code):
                imported = set(re.findall(rf"\b{alias}\.(\w+)\(", code))
                missing |= imported - self._exports(source)
        return missing

    def names_not_exported_by(self, other: "PageFiles") -> set[str]:
        """Return the names that a module imports in vain from another page's."""
        missing: set[str] = set()
        pattern = rf'import \{{([^}}]+)\}} from "{other.prefix}([\w.-]+)"'
        for names, source in re.findall(pattern, self._code):
            imported = {part.strip() for part in names.split(",") if part.strip()}
            missing |= imported - other._exports(source)
        return missing

    def controls_without_a_name(self, named_by_modules: frozenset[str]) -> list[str]:
        """Return what a screen reader could not name; the classes are of those a module names."""
        nameless = []
        for attributes, content in re.findall(
            r"<button([^>]*)>(.*?)</button>", self._html, re.DOTALL
        ):
            text = re.sub(r"<[^>]+>", "", content).strip()
            classes = set(" ".join(re.findall(r'class="([^"]*)"', attributes)).split())
            if not (text or "aria-label=" in attributes or classes & named_by_modules):
                nameless.append(attributes)
        for field in re.findall(r"<(?:input|textarea)([^>]*)>", self._html):
            (identity,) = re.findall(r'\bid="([\w-]+)"', field) or [""]
            if not ("aria-label=" in field or f'for="{identity}"' in self._html):
                nameless.append(field)
        return nameless

    def _exports(self, name: str) -> set[str]:
        return set(_EXPORTED.findall(self._modules[name]))
