"""The forms for issues, as GitHub reads them and as people of both languages do."""

import re
from collections.abc import Iterator
from typing import Any

import yaml

from infrastructure.test_workflows import run
from variants import ROOT

FORMS = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"))
CONFIG = ROOT / ".github" / "ISSUE_TEMPLATE" / "config.yml"
# The same word in both languages, or a command.
NEEDS_NO_SECOND = re.compile(r"Logs|nox -s \w+|copier update")


def test_forms_have_githubs_form() -> None:
    run("check-jsonschema", "--builtin-schema", "vendor.github-issue-config", str(CONFIG))
    run("check-jsonschema", "--builtin-schema", "vendor.github-issue-forms", *_forms())


def test_every_text_of_a_form_stands_in_both_languages() -> None:
    texts = [text for form in _forms() for text in _texts(form)]

    assert len(texts) > 20
    assert [t for t in texts if " / " not in t and not NEEDS_NO_SECOND.fullmatch(t)] == []


def _forms() -> list[str]:
    return [str(form) for form in FORMS if form != CONFIG]


def _texts(form: str) -> Iterator[str]:
    """Yield what a form says in one sentence: its own texts, those of fields, and their choices."""
    with open(form, encoding="utf-8") as file:
        read: dict[str, Any] = yaml.safe_load(file)
    yield from (read["name"], read["description"])
    for part in read["body"]:
        attributes = part["attributes"]
        yield from (attributes[key] for key in ("label", "description") if key in attributes)
        for option in attributes.get("options", []):
            yield option if isinstance(option, str) else option["label"]
