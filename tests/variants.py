"""Every variant of the bot: the product of the choices in copier.yml that change its files.

It needs no package, because nox and the CI read it before anything is installed.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from itertools import chain, combinations, product, repeat, takewhile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent

Answer = tuple[str, Hashable]
# What neither a channel nor a preset knows of.
_SURROUNDINGS = ("deployment", "tracing", "language")


def choices(question: str) -> tuple[str, ...]:
    """Return the values that a question of copier.yml may take."""
    lines = iter((ROOT / "copier.yml").read_text("utf-8").splitlines())
    for start in (f"{question}:", "  choices:"):
        while next(lines) != start:
            pass
    listed = takewhile(lambda line: line.startswith(" " * 4), lines)
    return tuple(line.rpartition(": ")[2] for line in listed)


@dataclass(frozen=True, slots=True)
class Variant:
    """One combination of answers."""

    channels: tuple[str, ...]
    graph_preset: str
    deployment: str
    tracing: bool
    language: str

    @property
    def id(self) -> str:
        """Name it by its answers, for instance `rest+whatsapp-basic-docker-traced-en`."""
        traced = "traced" if self.tracing else "untraced"
        channels = "+".join(self.channels)
        return f"{channels}-{self.graph_preset}-{self.deployment}-{traced}-{self.language}"

    @property
    def answers(self) -> dict[str, Any]:
        return {
            "channels": list(self.channels),
            "graph_preset": self.graph_preset,
            "deployment": self.deployment,
            "tracing": self.tracing,
            "language": self.language,
        }


def in_shard(variant: Variant, shard: str) -> bool:
    """Tell whether a variant is in shard `K/N`: by a hash, so that a new variant moves no other."""
    part, parts = map(int, shard.split("/"))
    number = int.from_bytes(sha256(variant.id.encode()).digest()[:8])
    return number % parts == part - 1


def channel_sets() -> Iterator[tuple[str, ...]]:
    """Yield every set of channels that is not empty."""
    for size in range(1, len(CHANNELS) + 1):
        yield from combinations(CHANNELS, size)


CHANNELS = choices("channels")
VARIANTS: tuple[Variant, ...] = tuple(
    Variant(*values)
    for values in product(
        channel_sets(),
        choices("graph_preset"),
        choices("deployment"),
        (True, False),
        choices("language"),
    )
)


def pairwise(variants: tuple[Variant, ...] = VARIANTS) -> list[Variant]:
    """Return few variants in which every pair of two questions' answers occurs together."""
    return _few(_pairs, variants)


def pairwise_by_channel(variants: tuple[Variant, ...]) -> list[Variant]:
    """Return few variants that have every set of channels, every preset, and every pair of the other answers.

    Whether a channel was chosen is one answer here: it is a package of its own, apart from the others.
    """
    of_each_set = [
        tuple(v for v in reversed(variants) if v.channels == channels)
        for channels in channel_sets()
    ]
    return _few(_pairs_by_channel, variants, reversed(of_each_set))


def pairwise_by_preset(variants: tuple[Variant, ...]) -> list[Variant]:
    """Return few variants that have every pair of two answers but the channels."""
    return _few(_pairs_by_preset, variants)


def _few(
    found_in: Callable[[Variant], set[frozenset[Answer]]],
    variants: tuple[Variant, ...],
    first: Iterable[tuple[Variant, ...]] = (),
) -> list[Variant]:
    """Choose whoever has most of what none has had until all is found, first one of each group."""
    missing = {variant: found_in(variant) for variant in variants}
    wanted = set().union(*missing.values())
    chosen: list[Variant] = []
    for candidates in chain(first, repeat(variants)):
        if not wanted:
            return chosen
        best = max(candidates, key=lambda variant: len(missing[variant] & wanted))
        chosen.append(best)
        wanted -= missing[best]
    return chosen


def _pairs(variant: Variant) -> set[frozenset[Answer]]:
    answers = [(key, tuple(v) if isinstance(v, list) else v) for key, v in variant.answers.items()]
    return {frozenset(pair) for pair in combinations(answers, 2)}


def _pairs_by_channel(variant: Variant) -> set[frozenset[Answer]]:
    of_channels = [(channel, channel in variant.channels) for channel in CHANNELS]
    alone = {("channels", variant.channels), ("graph_preset", variant.graph_preset)}
    pairs = combinations([*of_channels, *_answers(variant, _SURROUNDINGS)], 2)
    return {frozenset(pair) for pair in pairs} | {frozenset({answer}) for answer in alone}


def _pairs_by_preset(variant: Variant) -> set[frozenset[Answer]]:
    answers = _answers(variant, ("graph_preset", *_SURROUNDINGS))
    return {frozenset(pair) for pair in combinations(answers, 2)}


def _answers(variant: Variant, keys: tuple[str, ...]) -> list[Answer]:
    return [(key, variant.answers[key]) for key in keys]
