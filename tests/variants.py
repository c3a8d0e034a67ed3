"""Every variant of the bot: the product of the choices in copier.yml that change its files.

It needs no package, because nox and the CI read it before anything is installed.
"""

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from itertools import combinations, product, takewhile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent

Answer = tuple[str, Hashable]


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
    return _few(variants, _pairs)


def pairwise_by_channel(variants: tuple[Variant, ...]) -> list[Variant]:
    """Return few variants that have every set of channels, and every pair of answers but preset and channel.

    Whether a channel was chosen is one answer here: it is a package of its own, apart from the others.
    """
    return _few(variants, _pairs_by_channel)


def _few(
    variants: tuple[Variant, ...], found_in: Callable[[Variant], set[frozenset[Answer]]]
) -> list[Variant]:
    missing = {variant: found_in(variant) for variant in variants}
    wanted = set().union(*missing.values())
    chosen: list[Variant] = []
    while wanted:
        best = max(variants, key=lambda variant: len(missing[variant] & wanted))
        chosen.append(best)
        wanted -= missing[best]
    return chosen


def _pairs(variant: Variant) -> set[frozenset[Answer]]:
    answers = [(key, tuple(v) if isinstance(v, list) else v) for key, v in variant.answers.items()]
    return {frozenset(pair) for pair in combinations(answers, 2)}


def _pairs_by_channel(variant: Variant) -> set[frozenset[Answer]]:
    of_channels = [(channel, channel in variant.channels) for channel in CHANNELS]
    preset = ("graph_preset", variant.graph_preset)
    others = [(key, variant.answers[key]) for key in ("deployment", "tracing", "language")]
    pairs = [
        *combinations([*of_channels, *others], 2),
        *((preset, other) for other in others),
    ]
    return {frozenset(pair) for pair in pairs} | {frozenset({("channels", variant.channels)})}
