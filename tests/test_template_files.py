"""What holds for the files of template/ whatever is answered."""

import ast
import re
from collections import defaultdict
from pathlib import Path

import pytest

from every_variant.quick_tests import LONG, QUICK
from questionnaire import QUESTIONNAIRE
from sources import Source, sources
from variants import choices

# The most a path may have on Windows is 260, of which the owner's own folder takes a part.
LONGEST_PATH = 180
FORBIDDEN_ON_WINDOWS = set('"<>|?*:\\')
TAGS_PER_FILE = 6
TAGS_PER_HUNDRED_LINES = 1.5

TAG = re.compile(r"\{%")


def test_paths_are_valid_on_windows(template: Path) -> None:
    for source in sources(template):
        path = source.path.relative_to(template).as_posix()
        assert not FORBIDDEN_ON_WINDOWS & set(path), path
        assert len(path) <= LONGEST_PATH, path


def test_paths_that_differ_only_in_case_would_be_one_on_windows(template: Path) -> None:
    paths = [source.path.relative_to(template).as_posix() for source in sources(template)]

    assert len({path.lower() for path in paths}) == len(paths)


def test_only_files_with_jinja_have_the_suffix(template: Path) -> None:
    plain = [
        source.path
        for source in sources(template)
        if source.has_jinja and not re.search(r"\{[{%]", source.path.read_text("utf-8"))
    ]

    assert plain == []


def test_python_has_hardly_any_jinja(template: Path) -> None:
    tags: dict[Path, int] = {}
    lines = 0
    for source in sources(template):
        if source.destination.suffix == ".py":
            text = source.path.read_text("utf-8")
            lines += text.count("\n")
            tags[source.path] = len(TAG.findall(text)) if source.has_jinja else 0

    assert {path: count for path, count in tags.items() if count > TAGS_PER_FILE} == {}
    assert sum(tags.values()) / lines * 100 <= TAGS_PER_HUNDRED_LINES


def test_the_template_needs_no_trust() -> None:
    assert not {"_tasks", "_migrations", "_jinja_extensions"} & set(QUESTIONNAIRE)


def test_every_choice_that_lays_files_has_its_overlay(template: Path) -> None:
    named = defaultdict(set)
    for source in sources(template):
        for condition in source.conditions:
            if match := re.fullmatch(r"(\w+) == '([^']+)'", condition):
                named[match[1]].add(match[2])

    for question in ("graph_preset", "deployment", "language"):
        assert named[question] == set(choices(question)), question
    assert named["ci"] == set(choices("ci")) - {"none"}


def test_presets_are_named_only_by_their_own_folders(template: Path) -> None:
    """Else a sixth one would be more than a folder; `basic` alone decides nothing by a schema.

    Whatever preset it is may be written down.
    """
    named = {
        source.path: found
        for source in sources(template)
        if (found := re.findall(r"graph_preset (?![!=]= 'basic'|}})[^%]*", _jinja_in(source)))
    }

    assert named == {}


def test_languages_have_the_same_files_and_names(template: Path) -> None:
    by_language: dict[str, dict[tuple[object, ...], Source]] = defaultdict(dict)
    for source in sources(template):
        for language in choices("language"):
            own = f"language == '{language}'"
            if own in source.conditions:
                others = tuple(c for c in source.conditions if c != own)
                by_language[language][(others, source.destination)] = source

    first, *rest = by_language
    for language in rest:
        assert by_language[language].keys() == by_language[first].keys()
        for key, source in by_language[language].items():
            assert _names(source) == _names(by_language[first][key]), source.path


def test_every_preset_has_enough_labelled_cases_in_every_language(template: Path) -> None:
    cases = {
        (source.conditions, source.destination.name): source.path.read_text("utf-8").count("\n")
        for source in sources(template)
        if source.destination.match("evals/data/*.jsonl")
    }

    assert len(cases) == 2 * len(choices("graph_preset")) * len(choices("language"))
    for (conditions, name), count in cases.items():
        assert count >= {"utterances.jsonl": 40, "conversations.jsonl": 10}[name], conditions


def _jinja_in(source: Source) -> str:
    return source.path.read_text("utf-8") if source.has_jinja else ""


def _names(source: Source) -> list[str]:
    """Return the names and the keys a Python file defines, or the names a script exports."""
    text = source.path.read_text("utf-8")
    if source.destination.suffix == ".js":
        return sorted(re.findall(r"^ *\w+:|^export \w+ \w+", text, re.M))
    if source.destination.suffix != ".py" or source.has_jinja:
        return []
    names = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.append(node.name)
        elif isinstance(node, ast.Assign):
            names += [target.id for target in node.targets if isinstance(target, ast.Name)]
        elif isinstance(node, ast.Dict):
            names += [str(key.value) for key in node.keys if isinstance(key, ast.Constant)]
    return sorted(names)


@pytest.mark.parametrize("name", [*QUICK, *LONG])
def test_what_the_quick_part_of_the_bots_tests_names_is_there(template: Path, name: str) -> None:
    module, _, test = name.partition("::")
    texts = [path.read_text("utf-8") for path in template.rglob(f"{Path(module).name}*")]

    assert any(f"def {test}(" in text for text in texts) if test else texts


def test_the_tests_that_differ_by_preset_run_for_more_than_the_full_suites(template: Path) -> None:
    tests = (template / "template" / "{{ presets }}").rglob("tests/*/test_*")

    assert {"graph"} <= {path.parent.name for path in tests} <= {"unit", "graph", "evals"}
