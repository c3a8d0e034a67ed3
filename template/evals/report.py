"""What is printed of a run: a table, what was missed, and how it compares with an earlier one."""

from collections.abc import Iterator, Sequence

from domain.text import cut
from evals.results import MEASURES, Check, Key, Run, Score

_SHOWN_CASES = 30
_WIDTH = 28
_LONGEST_LINE = 240
_SMOKE_TEST = (
    "SMOKE TEST: the offline model answers from a script. These numbers show that the evals run;"
    "\nthey say nothing about a language model."
)


def table(run: Run) -> str:
    """Return the scores, by measure and within it by route or slot."""
    return "\n".join([*_heading(run), "", f"{'':{_WIDTH}}right    of   score", *_rows(run)])


def missed(run: Run) -> str:
    """Return what was expected and what came instead, case by case."""
    lines = [f'"{outcome.case}": {outcome.error}' for outcome in run.errors()]
    failed = {outcome.case for outcome in run.errors()}
    lines += [
        _miss(case, check)
        for (case, _, _), check in run.checks().items()
        if not check.is_right and case not in failed
    ]
    return _list("Missed", lines)


def _miss(case: str, check: Check) -> str:
    if check.measure == "completion":
        return f'"{case}": {check.got}'
    of = check.name if check.measure == "slots" else "route"
    return f'"{case}": {of} is {check.got}, not {check.expected}'


def comparison(earlier: Run, run: Run) -> str:
    """Return what got better and what got worse since an earlier run, in the cases of both."""
    before, after = earlier.checks(), run.checks()
    both = [key for key in after if key in before]
    better = [key for key in both if after[key].is_right > before[key].is_right]
    worse = [key for key in both if after[key].is_right < before[key].is_right]
    lines = [f"Since {earlier.started_at} ({earlier.model}), in the {len(both)} checks of both:"]
    for measure in MEASURES:
        keys = [key for key in both if key[1] == measure]
        if keys:
            then, now = (sum(checks[key].is_right for key in keys) for checks in (before, after))
            lines.append(
                f"  {measure}: {_percent(Score(right=then, of=len(keys)))}"
                f" -> {_percent(Score(right=now, of=len(keys)))}"
            )
    return "\n\n".join(
        ["\n".join(lines), _list("Better", _named(better)), _list("Worse", _named(worse))]
    )


def missed_thresholds(run: Run, least: dict[str, float]) -> list[str]:
    """Return a sentence for each measure whose score is below its least; none given, none missed."""
    sentences = []
    for measure in MEASURES:
        score, wanted = run.score(measure), least.get(measure)
        if wanted is None:
            continue
        if not score.of:
            sentences.append(f"{measure} was not measured, and {wanted:.0%} are wanted")
        elif score.share < wanted:
            sentences.append(f"{measure} is {_percent(score)}, less than the {wanted:.1%} wanted")
    return sentences


def _heading(run: Run) -> Iterator[str]:
    if run.is_smoke_test:
        yield _SMOKE_TEST
    yield (
        f"{run.model}, {run.started_at}: {len(run.outcomes)} cases in {run.seconds:.0f} s,"
        f" {run.model_calls} calls, {run.input_tokens} + {run.output_tokens} tokens"
    )


def _rows(run: Run) -> Iterator[str]:
    for measure in MEASURES:
        if not run.score(measure).of:
            continue
        yield _row(measure, run.score(measure))
        yield from (_row(f"  {n}", score) for n, score in run.scores(measure).items() if n)


def _row(name: str, score: Score) -> str:
    return f"{name:{_WIDTH}}{score.right:5}{score.of:6}{_percent(score):>8}"


def _percent(score: Score) -> str:
    return f"{score.share:.1%}"


def _named(keys: Sequence[Key]) -> list[str]:
    return [f"{measure} of {case}" for case, measure, _ in keys]


def _list(heading: str, lines: Sequence[str]) -> str:
    shown = [f"  {cut(line, _LONGEST_LINE)}" for line in lines[:_SHOWN_CASES]]
    rest = len(lines) - len(shown)
    return "\n".join(
        [f"{heading} ({len(lines)})", *shown, *([f"  … and {rest} more"] if rest else [])]
    )
