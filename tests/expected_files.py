"""Which files a bot has, told by the names of the template's folders without rendering anything."""

from functools import cache
from pathlib import Path
from typing import Any

import jinja2

from questionnaire import QUESTIONNAIRE
from sources import sources
from variants import Variant

_ENVIRONMENT = jinja2.Environment(undefined=jinja2.StrictUndefined)  # noqa: S701 - of names
# Copier itself decides the name of the file with the answers.
_ANSWERS = {"{{ _copier_conf.answers_file }}": QUESTIONNAIRE["_answers_file"]}


def expected_files(template: Path, variant: Variant) -> set[str]:
    """Return the paths of the files that a bot of the variant has, for the default host of the CI."""
    answers = _all_answers(variant)
    return {
        _ANSWERS.get(destination, destination)
        for conditions, destination in _sources(template)
        if all(_holds(condition, answers) for condition in conditions)
    }


@cache
def _sources(template: Path) -> tuple[tuple[tuple[str, ...], str], ...]:
    return tuple((s.conditions, s.destination.as_posix()) for s in sources(template))


def _all_answers(variant: Variant) -> dict[str, Any]:
    """Return the variant's answers with those that are computed from them, and the default CI."""
    answers = variant.answers | {"ci": QUESTIONNAIRE["ci"]["default"]}
    computed = {key: question for key, question in QUESTIONNAIRE.items() if key.startswith("has_")}
    return answers | {
        key: _ENVIRONMENT.from_string(question["default"]).render(answers) == "True"
        for key, question in computed.items()
    }


def _holds(condition: str, answers: dict[str, Any]) -> bool:
    return bool(_compiled(condition)(**answers))


@cache
def _compiled(condition: str) -> Any:
    return _ENVIRONMENT.compile_expression(condition, undefined_to_none=False)
