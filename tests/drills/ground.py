"""The releases, the bots made from them, and the bots that their owners have edited."""

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from drills.changes import CHANGES, Change
from drills.drill import WAYS, EditedBot, Updated, edit
from drills.edits import VARIANT, Edit
from drills.parts import Part
from releases import NEXT, Repository, copy, past_releases
from rendering import pack
from tools.release import restore, tag
from variants import VARIANTS, Variant

# After the working copy: a release with all changes, and the same in three steps.
EVERY_CHANGE = "999.2.0"
STEPS = ("999.3.1", "999.3.2", "999.3.3")

# An answer that is recorded stays, also where another language has another default.
OTHER_ANSWERS = {"description": "It answers customers."}


def with_change(change: Change) -> str:
    """Return the version that has the working copy and one change."""
    return f"999.1.{CHANGES.index(change) + 1}"


class Ground:
    """Makes each release, each bot and each edited bot once; tests update copies of them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.releases = past_releases(folder / "template")
        self._made: dict[tuple[str, str], Repository] = {}
        self._edited: dict[tuple[str, str, tuple[Edit, ...]], EditedBot] = {}
        self._packed: set[Path] = set()
        for change in CHANGES:
            unfit = self._release(NEXT, with_change(change), [change])
            assert unfit == [], f"{change.name} no longer fits the template"
        self._release(NEXT, EVERY_CHANGE, CHANGES)
        before = NEXT
        for step, version in enumerate(STEPS):
            self._release(before, version, CHANGES[step :: len(STEPS)])
            before = version
        self.releases.git("checkout", "--quiet", tag(NEXT))

    def _release(self, before: str, version: str, changes: Sequence[Change]) -> list[Part]:
        """Make a release on top of another one; return the parts that did not fit."""
        self.releases.git("checkout", "--quiet", tag(before))
        unfit = [part for change in changes for part in change.apply(self.releases.path)]
        self.releases.commit()
        self.releases.git("tag", tag(version))
        return unfit

    def made(self, version: str, variant: Variant) -> Repository:
        """Return a bot as a release makes it; nobody changes it."""
        key = (version, variant.id)
        if key not in self._made:
            folder = self._new_folder()
            answers = {**variant.answers, **OTHER_ANSWERS}
            self._made[key] = copy(self.releases, folder / "bot", tag(version), answers)
            for name, value in (("user.name", "drill"), ("user.email", "drill@localhost")):
                self._made[key].git("config", name, value)
        return self._made[key]

    def edited(self, version: str, variant: Variant, edits: Sequence[Edit]) -> EditedBot:
        """Return such a bot with edits; nobody changes it any more."""
        key = (version, variant.id, tuple(edits))
        if key not in self._edited:
            made = self.made(version, variant)
            if made.path not in self._packed:
                pack(made.path)
                self._packed.add(made.path)
            self._edited[key] = edit(made, self._new_folder() / "bot", edits)
        return self._edited[key]

    @contextmanager
    def updated(
        self,
        bot: EditedBot,
        version: str,
        way: str,
        variant: Variant,
        **answers: Any,
    ) -> Iterator[Updated]:
        """Update a copy of a bot; `variant` is what it then is, where the answers change it."""
        # First, because what is rendered once is not rendered again in the update.
        fresh = self.made(version, variant).path
        folder = self._new_folder()
        path = shutil.copytree(bot.edited.path, folder / "bot")
        try:
            said = WAYS[way](path, tag(version), **answers)
            yield Updated(bot, path, fresh, said)
        finally:
            shutil.rmtree(folder)

    def keep(self, bot: EditedBot, updated: Updated) -> EditedBot:
        """Return a copy of an updated bot, to update it once more."""
        path = shutil.copytree(updated.path, self._new_folder() / "bot")
        return replace(bot, made=Repository(updated.fresh), edited=Repository(path))

    def _new_folder(self) -> Path:
        return Path(tempfile.mkdtemp(dir=self._folder))


@cache
def variants_of(version: str) -> tuple[Variant, ...]:
    """Return the variants that a release can make, by the choices of its questionnaire."""
    if version == NEXT:
        return VARIANTS
    with tempfile.TemporaryDirectory() as folder:
        questionnaire = yaml.safe_load(
            restore(Path(folder)).git("show", f"{tag(version)}:copier.yml")
        )

    def offers(variant: Variant) -> bool:
        return all(
            answer in questionnaire[question]["choices"].values()
            for question, answer in variant.answers.items()
            if isinstance(answer, str)
        )

    return tuple(filter(offers, VARIANTS))


def main_variant(version: str) -> Variant:
    """Return the variant in which single edits are tried: VARIANT, or one as much like it as can be."""
    wanted = VARIANT.answers
    return max(
        variants_of(version),
        key=lambda variant: sum(variant.answers[key] == wanted[key] for key in wanted),
    )
