"""Measures a bot beside the least that could do its work: nox -s bench [-- --short -k table].

The measurements of tests/bench run in a freshly made bot, with the bot's own support for tests; the
template's own, of copies, updates and starts, run here. All are in build/bench/history.jsonl, a line
for each run, and the table says what is worse than the last time. For Linux: it reads /proc.
"""

import argparse
import os
import signal
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from rendering import hasten_copier
from tools.bench import history
from tools.bench.figures import Figure, read
from tools.bench.generation import generation
from tools.cold_start import bot_times, floor_times, table
from tools.fire import bot_with_drills, drill_command

HISTORY = ROOT / "build" / "bench" / "history.jsonl"
# Each measurement has a bound of its own; should all of them fail to hold, this one does.
_LIMIT_SECONDS = 1200
_CLEAR_UP_SECONDS = 60
_RUNS = 3


def main() -> int:
    options = _options()
    python = Path(os.environ["BOT_PYTHON"])
    if options.short:
        hasten_copier()
    with tempfile.TemporaryDirectory(prefix="bench.") as name:
        folder = Path(name)
        bot_with_drills(folder / "bot", "fire", "bench")
        measured = folder / "figures.jsonl"
        measured.touch()
        status = _measure_in_bot(folder / "bot", measured, options)
        figures = [*read(measured)]
        if options.k is None:
            try:
                figures.extend(_of_the_template(python, folder, short=options.short))
            except (OSError, subprocess.SubprocessError) as error:
                print(error, file=sys.stderr)
                status = 1
    run = history.this_run(ROOT, python, figures, short=options.short)
    print(history.table(run, history.runs_like(run, options.history)))
    history.append(run, options.history)
    if status:
        print("Some measurements failed, see above; theirs are missing.", file=sys.stderr)
    return status


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="nox -s bench --")
    parser.add_argument(
        "--short", action="store_true", help="to see that it works; measures little"
    )
    parser.add_argument("-k", help="only measurements in the bot with this word in their names")
    parser.add_argument("--history", type=Path, default=HISTORY, metavar="FILE")
    return parser.parse_args()


def _measure_in_bot(bot: Path, measured: Path, options: argparse.Namespace) -> int:
    """Run tests/bench in the bot, which writes its figures to `measured`; return the exit code."""
    environment = {**os.environ, "BENCH_FIGURES": str(measured)}
    if options.short:
        environment["BENCH_SHORT"] = "1"
    words = () if options.k is None else ("-k", options.k)
    process = subprocess.Popen(drill_command("bench", "-q", *words), cwd=bot, env=environment)
    try:
        return process.wait(_LIMIT_SECONDS)
    except subprocess.TimeoutExpired:
        # As Ctrl-C: the tests end what they started.
        process.send_signal(signal.SIGINT)
        return _ended(process)
    except KeyboardInterrupt:
        _ended(process)
        raise


def _ended(process: "subprocess.Popen[bytes]") -> int:
    """Wait for a process that has been told to end, and return 1."""
    try:
        process.wait(_CLEAR_UP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    return 1


def _of_the_template(python: Path, folder: Path, *, short: bool) -> Iterator[Figure]:
    """Yield what does not run in the bot: copies, updates and starts."""
    runs = 1 if short else _RUNS
    yield from generation(folder / "generation", runs, hasty=short)
    yield from _starts(python, folder, runs, warm_up=not short)


def _starts(python: Path, folder: Path, runs: int, *, warm_up: bool) -> Iterator[Figure]:
    """Yield how soon the bot answers after its start, in seconds.

    The first run compiles the bot's own modules; with `warm_up` it does not count.
    """
    bot = folder / "bot"
    with table(python, bot, folder / "aws") as endpoint:
        times = [
            floor_times(python, folder) | bot_times(python, bot, endpoint)
            for _ in range(runs + warm_up)
        ][warm_up:]
    medians = {what: statistics.median(time[what] for time in times) for what in times[0]}
    floor = medians["FastAPI alone, /health"]
    for path, target in (("/health", 1.5), ("/ready", 3.0)):
        value = medians[f"the bot, {path}"]
        yield Figure(f"{path} after the start of the process", "s", value, floor, target)


if __name__ == "__main__":
    sys.exit(main())
