"""The files of infrastructure of all variants, each distinct one once."""

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from rendering import render_all
from sources import sources
from variants import VARIANTS, Variant

# The rest of the bots is no concern of these tests, and takes minutes to render.
FOLDERS = {"cloudformation", ".github", ".gitlab"}
FILES = ("Dockerfile*", "docker-compose*.yml", ".gitlab-ci.yml", "*.sh", "*.ps1")


@dataclass(frozen=True, slots=True)
class InfrastructureFile:
    """A file that some variants have in common; `variant` is the first of them."""

    path: Path
    variant: Variant


class InfrastructureFiles:
    """Every variant of the template, of which only the infrastructure is rendered."""

    def __init__(self, template: Path, folder: Path) -> None:
        part = folder / "template"
        shutil.copytree(template, part, ignore=shutil.ignore_patterns("template"))
        for source in sources(template):
            if _is_infrastructure(source.destination):
                target = part / source.path.relative_to(template)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source.path, target)
        self._bots = render_all(part, folder / "bots", VARIANTS)
        self._distinct = folder / "distinct"

    def bot(self, variant: Variant) -> Path:
        """Return the folder with the variant's infrastructure."""
        return self._bots[variant]

    def __call__(self, glob: str) -> list[InfrastructureFile]:
        """Copy what the glob finds to folders named by the content, with its path in the bot."""
        found: dict[Path, InfrastructureFile] = {}
        for variant, bot in self._bots.items():
            for source in sorted(bot.glob(glob)):
                content = source.read_bytes()
                name = hashlib.sha256(content).hexdigest()[:12]
                copy = self._distinct / name / source.relative_to(bot)
                if copy not in found:
                    copy.parent.mkdir(parents=True, exist_ok=True)
                    copy.write_bytes(content)
                    found[copy] = InfrastructureFile(copy, variant)
        return list(found.values())


def _is_infrastructure(path: PurePosixPath) -> bool:
    is_at_the_top = len(path.parts) == 1
    return path.parts[0] in FOLDERS or (is_at_the_top and any(map(path.match, FILES)))
