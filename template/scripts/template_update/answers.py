"""The recorded answers, and the address and version of the template among them."""

import importlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.template_update.repository import UpdateError

# It comes with Copier, which only the session template_update has.
yaml: Any = importlib.import_module("yaml")

ANSWERS = ".copier-answers.yml"
# PEP 440, as Copier reads releases from tags; a commit behind one reads v1.2.0-3-g0abc.
_RELEASE = re.compile(r"v?\d+(\.\d+)*((a|b|rc)\d+)?(\.post\d+)?(\.dev\d+)?")
_SHORT_ADDRESSES = {"gh:": "https://github.com/", "gl:": "https://gitlab.com/"}


@dataclass(frozen=True, slots=True)
class Recorded:
    """What the answers file holds."""

    source: str
    version: str
    values: Mapping[str, Any]

    @property
    def is_remote(self) -> bool:
        """Whether the template is elsewhere than in a folder of this machine."""
        return re.match(r"(https?|ssh|git|git\+\w+)://|git@|g[hl]:", self.source) is not None

    @property
    def address(self) -> str:
        """The template's address as git takes it; Copier knows two shorter forms."""
        for short, host in _SHORT_ADDRESSES.items():
            if self.source.startswith(short):
                return (
                    f"{host}{self.source.removeprefix(short).strip('/').removesuffix('.git')}.git"
                )
        return self.source.removeprefix("git+")

    @property
    def is_release(self) -> bool:
        """Whether the version is a release, not a commit between two."""
        return _RELEASE.fullmatch(self.version) is not None


def read(text: str) -> Recorded:
    """Read an answers file.

    Raises:
        UpdateError: it is no YAML, or a template that is named so cannot be updated from.
    """
    try:
        entries = yaml.safe_load(text)
    except yaml.YAMLError:
        entries = None
    if not isinstance(entries, dict):
        raise UpdateError(f"{ANSWERS} is no YAML of keys and values; take it from an older commit.")
    values = {key: value for key, value in entries.items() if not str(key).startswith("_")}
    source, version = (str(entries.get(key) or "") for key in ("_src_path", "_commit"))
    recorded = Recorded(source, version, values)
    folder = Path(source).expanduser()
    if not recorded.is_remote and not (folder.is_absolute() and folder.exists()):
        raise UpdateError(
            f"_src_path in {ANSWERS} is {source or 'missing'}, which is no git address and no"
            " folder of this machine; write the template's git address there and commit."
        )
    if not version or (not recorded.is_remote and not (folder / ".git").exists()):
        raise UpdateError(
            f"The template at {source} is no git repository, or was none when the bot was made;"
            f" write its git address and the release into _src_path and _commit in {ANSWERS}."
        )
    return recorded


def shown(value: Any) -> str:
    """Return an answer as one would type it."""
    if isinstance(value, str):
        return value
    text: str = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=10_000)
    return text.removesuffix("\n").removesuffix("\n...")


def same(one: Any, other: Any) -> bool:
    """Tell whether two answers are the same; the order of several choices means nothing."""
    if isinstance(one, list) and isinstance(other, list):
        return sorted(map(str, one)) == sorted(map(str, other))
    return bool(one == other)
