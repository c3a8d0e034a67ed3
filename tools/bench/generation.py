"""How long `copier copy` and `copier update` take, beside the same with a template of one file."""

import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from releases import NEW, OLD, Repository, release_twice
from tools.bench.figures import Figure
from variants import ROOT

# Peers take 9 ms for a file in one process; an update renders the old release and the new one.
SECONDS_OF_A_FILE = 0.009
_LIMIT_SECONDS = 300
_COPIER = ("-m", "copier")
# The same, but what Copier does anew for each file is done once: a third of the time.
_HASTY_COPIER = (
    "-c",
    "import rendering, copier.__main__; rendering.hasten_copier(); copier.__main__.CopierApp.run()",
)
_SMALLEST = {
    "copier.yml": '_subdirectory: template\n_answers_file: ".copier-answers.yml"\n',
    "template/{{ _copier_conf.answers_file }}.jinja": "{{ _copier_answers | to_nice_yaml }}\n",
    "template/main.py": "print()\n",
}


def generation(folder: Path, runs: int, *, hasty: bool) -> Iterator[Figure]:
    """Yield the figures, each the median of so many runs; with `hasty` not those that users see."""
    copier = _HASTY_COPIER if hasty else _COPIER
    bots, smallest = folder / "bots", folder / "smallest"
    measured = _times(copier, bots, release_twice(bots / "template"), runs)
    floors = _times(copier, smallest, _release_smallest_twice(smallest / "template"), runs)
    files = sum(path.is_file() and ".git" not in path.parts for path in (bots / "bot").rglob("*"))
    for what, renders, value, floor in zip(
        ("copy", "update"), (1, 2), measured, floors, strict=True
    ):
        target = floor + renders * files * SECONDS_OF_A_FILE
        yield Figure(f"copier {what}, {files} files", "s", value, floor, target)


def _times(
    copier: Sequence[str], folder: Path, releases: Repository, runs: int
) -> tuple[float, float]:
    """Return the median seconds of a copy and of an update of the copy."""
    copies, updates = [], []
    bot = Repository(folder / "bot")
    for _ in range(runs):
        shutil.rmtree(bot.path, ignore_errors=True)
        source = (str(releases.path), str(bot.path))
        copies.append(_seconds(copier, folder, "copy", "--vcs-ref", OLD, *source))
        bot.git("init", "--quiet")
        bot.commit()
        updates.append(_seconds(copier, bot.path, "update", "--vcs-ref", NEW))
    return statistics.median(copies), statistics.median(updates)


def _seconds(copier: Sequence[str], folder: Path, command: str, *options: str) -> float:
    line = [sys.executable, *copier, command, "--defaults", "--quiet", *options]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "tests")}
    began = time.perf_counter()
    subprocess.run(
        line, cwd=folder, env=environment, check=True, timeout=_LIMIT_SECONDS, capture_output=True
    )
    return time.perf_counter() - began


def _release_smallest_twice(folder: Path) -> Repository:
    repository = Repository(folder)
    for name, text in _SMALLEST.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    repository.git("init", "--quiet")
    repository.commit()
    repository.git("tag", OLD)
    repository.replace("template/main.py", "print()", "print(1)")
    repository.commit()
    repository.git("tag", NEW)
    return repository
