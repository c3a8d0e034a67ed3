"""What the template makes, written down, so that a change of the template shows what it changes in the bots.

python tests/golden_files.py    writes tests/golden anew
"""

import hashlib
import tempfile
from collections import defaultdict
from collections.abc import Collection, Mapping
from itertools import product
from pathlib import Path

from rendering import export, render_all
from variants import ROOT, VARIANTS, Variant

FOLDER = ROOT / "tests" / "golden"
TREES, CONTENTS = FOLDER / "trees.txt", FOLDER / "contents.txt"
# Of these the whole text is kept: together they have each channel, target, language, and most presets.
IN_FULL = (
    Variant(("websocket", "rest"), "basic", "docker", True, "pt-BR"),
    Variant(("whatsapp",), "sales", "ecs", False, "en"),
    Variant(("websocket", "rest", "whatsapp"), "customer_support", "lambda", True, "en"),
    Variant(("rest",), "diagnosis", "docker", False, "pt-BR"),
)
# The one has this machine's folders in it, the other is the same in all bots.
LEFT_OUT = {".copier-answers.yml", "pins.txt"}

Hashes = Mapping[str, str]


def hashes(bot: Path) -> Hashes:
    """Return the hash of each file of a bot."""
    return {name: _hash(path.read_bytes()) for name, path in _files(bot).items()}


def tree_line(variant: Variant, files: Hashes) -> str:
    """Return the line of trees.txt for a variant."""
    listed = "\n".join(f"{name} {digest}" for name, digest in sorted(files.items()))
    return f"{_hash(listed.encode())} {variant.id}"


def contents(bots: Mapping[Variant, Hashes]) -> str:
    """Return for each path its contents by hash, and in which bots each is."""
    found: dict[str, dict[str, list[Variant]]] = defaultdict(lambda: defaultdict(list))
    for variant, files in bots.items():
        for name, digest in files.items():
            found[name][digest].append(variant)
    lines: list[str] = []
    for name, digests in sorted(found.items()):
        lines.append(name)
        described = ((_where(variants), digest) for digest, variants in digests.items())
        lines += [f"    {digest} {where}" for where, digest in sorted(described)]
    return "\n".join(lines) + "\n"


def full_text(bot: Path) -> str:
    """Return all files of a bot, one after another."""
    parts = (f"===== {name}\n{path.read_text('utf-8')}" for name, path in _files(bot).items())
    return "\n".join(parts)


def full_text_file(variant: Variant) -> Path:
    return FOLDER / f"{variant.id}.txt"


def _where(variants: Collection[Variant]) -> str:
    """Describe a set of variants by their answers, if the answers do; else by its size."""
    if len(variants) == len(VARIANTS):
        return "all"
    answers = [_answers(variant) for variant in variants]
    columns = [sorted(set(column)) for column in zip(*answers, strict=True)]
    if set(product(*columns)) != set(answers):
        return f"{len(variants)} bots, {_hash(repr(sorted(answers)).encode())}"
    every = [set(column) for column in zip(*map(_answers, VARIANTS), strict=True)]
    told = (
        "|".join(column)
        for column, whole in zip(columns, every, strict=True)
        if set(column) != whole
    )
    return " ".join(told)


def _answers(variant: Variant) -> tuple[str, ...]:
    traced = "traced" if variant.tracing else "untraced"
    channels = "+".join(variant.channels)
    return (channels, variant.graph_preset, variant.deployment, traced, variant.language)


def _files(bot: Path) -> dict[str, Path]:
    files = sorted(path for path in bot.rglob("*") if path.is_file())
    named = {path.relative_to(bot).as_posix(): path for path in files}
    return {name: path for name, path in named.items() if name not in LEFT_OUT}


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:12]


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        template = export(Path(folder) / "template")
        forest = render_all(template, Path(folder) / "bots", VARIANTS)
        bots = {variant: hashes(bot) for variant, bot in forest.items()}
        trees = "".join(f"{tree_line(variant, files)}\n" for variant, files in bots.items())
        TREES.write_text(trees, "utf-8", newline="\n")
        CONTENTS.write_text(contents(bots), "utf-8", newline="\n")
        for variant in IN_FULL:
            text = full_text(forest[variant])
            full_text_file(variant).write_text(text, "utf-8", newline="\n")


if __name__ == "__main__":
    main()
