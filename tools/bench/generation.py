"""How long `copier copy` and `copier update` take, beside the same with a template of one file."""

import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from releases import NEW, OLD, Repository, release_twice
from tools.bench.figures import Figure

# Peers take 9 ms for a file in one process; an update renders the old release and the new one.
SECONDS_OF_A_FILE = 0.009
_LIMIT_SECONDS = 120
_SMALLEST = {
    "copier.yml": '_subdirectory: template\n_answers_file: ".copier-answers.yml"\n',
    "template/{{ _copier_conf.answers_file }}.jinja": "{{ _copier_answers | to_nice_yaml }}\n",
    "template/main.py": "print()\n",
}


def generation(folder: Path, runs: int) -> Iterator[Figure]:
    """Yield the figures, each the median of so many runs."""
    bots = release_twice(folder / "bots")
    smallest = _release_smallest_twice(folder / "smallest")
    times = {name: _times(folder, one, runs) for name, one in (("bot", bots), ("floor", smallest))}
    files = _count_files(folder / "bot")
    for place, (what, renders) in enumerate((("copy", 1), ("update", 2))):
        value, floor = times["bot"][place], times["floor"][place]
        target = floor + renders * files * SECONDS_OF_A_FILE
        yield Figure(f"copier {what}, {files} files", "s", value, floor, target)


def _times(folder: Path, releases: Repository, runs: int) -> tuple[float, float]:
    copies, updates = [], []
    for _ in range(runs):
        bot = Repository(folder / "bot")
        shutil.rmtree(bot.path, ignore_errors=True)
        source = (str(releases.path), str(bot.path))
        copies.append(_seconds(lambda s=source: _copier(folder, "copy", "--vcs-ref", OLD, *s)))
        bot.git("init", "--quiet")
        bot.commit()
        updates.append(_seconds(lambda b=bot: _copier(b.path, "update", "--vcs-ref", NEW)))
    return statistics.median(copies), statistics.median(updates)


def _copier(folder: Path, command: str, *options: str) -> None:
    line = [sys.executable, "-m", "copier", command, "--defaults", "--quiet", *options]
    subprocess.run(line, cwd=folder, check=True, timeout=_LIMIT_SECONDS, capture_output=True)


def _seconds(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _count_files(bot: Path) -> int:
    return sum(path.is_file() and ".git" not in path.parts for path in bot.rglob("*"))


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
