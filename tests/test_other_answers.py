"""What is no part of a variant (CI, model, region, texts) goes with every answer that is, and with each other.

Every pair of answers that can meet occurs in a bot, whose files are checked like those of all variants.
"""

import re
import shutil
import subprocess
import sys
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
import yaml

import bot_checks
import bot_docs
from covering import Pair, Row, Setting, covering_rows, pairs_in, possible_pairs
from leftovers import leftovers, leftovers_of_ci
from rendering import render
from variants import Variant, channel_sets, choices

# Kinds of a model, and what is typed for it; the first takes what the questionnaire offers.
MODELS = {
    "offered": "",
    "nova": "{prefix}.amazon.nova-lite-v1:0",
    "id": "anthropic.claude-3-haiku-20240307-v1:0",
    "arn": "arn:{partition}:bedrock:{region}::foundation-model/amazon.nova-lite-v1:0",
    "profile-arn": "arn:{partition}:bedrock:{region}:123456789012:application-inference-profile/a1b2c3",
    "global": "global.anthropic.claude-haiku-5-5",
    "us": "us.anthropic.claude-haiku-5-5",
    "eu": "eu.anthropic.claude-haiku-5-5",
}
# Kinds of a region, each with the profiles of its own that the questionnaire takes there.
REGIONS = {
    "us-east-1": "us",
    "sa-east-1": "sa",
    "eu-central-1": "eu",
    "us-gov-west-1": "us-gov",
}
# A profile that is served elsewhere only.
REFUSED = {
    ("us", "sa-east-1"),
    ("us", "eu-central-1"),
    ("us", "us-gov-west-1"),
    ("eu", "us-east-1"),
    ("eu", "sa-east-1"),
    ("eu", "us-gov-west-1"),
}
TEXTS = {
    "plain": ("Tyre shop", "It answers questions about tyres.", "Support team"),
    "accented": ("Padaria do Zé", "Pães, bolos e a atenção de São João.", "Clínica Ímã"),
    "long": ("Long name " * 6, "A long sentence. " * 11, "A long author " * 7),
    "punctuation": (
        "- a: 'b' | [c](d) *e*",
        "#1 & it's 100% 'here' ~ @all; *x*",
        "Zé & Cia. (ME), 1e3",
    ),
}

FACTORS: Mapping[str, tuple[Hashable, ...]] = {
    "ci": choices("ci"),
    "deployment": choices("deployment"),
    "language": choices("language"),
    "channels": tuple(channel_sets()),
    "graph_preset": choices("graph_preset"),
    "tracing": (True, False),
    "model": tuple(MODELS),
    "region": tuple(REGIONS),
    "text": tuple(TEXTS),
}


def may_meet(one: Setting, other: Setting) -> bool:
    """Say whether the questionnaire takes both: it refuses a profile that the region does not serve."""
    return (one[0], other[0]) != ("model", "region") or (one[1], other[1]) not in REFUSED


ROWS = covering_rows(FACTORS, may_meet)


def answers_of(row: Row) -> dict[str, Any]:
    """Return what a person answers."""
    region = str(row["region"])
    partition = "aws-us-gov" if region.startswith("us-gov-") else "aws"
    model = MODELS[str(row["model"])].format(
        prefix=REGIONS[region], partition=partition, region=region
    )
    name, description, author = (text.strip() for text in TEXTS[str(row["text"])])
    return {
        **variant_of(row).answers,
        "ci": row["ci"],
        "aws_region": region,
        "project_name": name,
        "description": description,
        "author": author,
    } | ({"bedrock_model": model} if model else {})


def variant_of(row: Row) -> Variant:
    return Variant(
        *(row[k] for k in ("channels", "graph_preset", "deployment", "tracing", "language"))  # type: ignore[arg-type]
    )


def name_of(row: Row) -> str:
    others = "-".join(str(row[key]) for key in ("ci", "model", "region", "text"))
    return f"{variant_of(row).id}-{others}"


@dataclass(frozen=True, slots=True)
class Bot:
    """A bot and what was answered for it."""

    path: Path
    row: Row
    answers: dict[str, Any]


@pytest.fixture(scope="module")
def bots(template: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Bot]:
    forest, found = tmp_path_factory.mktemp("others"), {}
    for row in ROWS:
        answers, name = answers_of(row), name_of(row)
        found[name] = Bot(render(template, forest / name, answers), row, answers)
    return found


@pytest.fixture(params=[name_of(row) for row in ROWS])
def bot(bots: dict[str, Bot], request: pytest.FixtureRequest) -> Bot:
    return bots[request.param]


def test_every_pair_of_answers_that_can_meet_occurs() -> None:
    occurring = {pair for row in ROWS for pair in pairs_in(row)}
    refused: set[Pair] = {frozenset({("model", m), ("region", r)}) for m, r in REFUSED}

    assert occurring == set(possible_pairs(FACTORS)) - refused
    assert len(ROWS) < 70


@pytest.mark.parametrize(("model", "region"), sorted(REFUSED))
def test_the_pairs_left_out_are_refused(
    template: Path, tmp_path: Path, model: str, region: str
) -> None:
    with pytest.raises(ValueError, match=f'prefix "{model}." is not served in {region}; type one'):
        render(template, tmp_path / "bot", {"aws_region": region, "bedrock_model": MODELS[model]})


def test_the_answers_are_recorded_as_given(bot: Bot) -> None:
    recorded = yaml.safe_load((bot.path / ".copier-answers.yml").read_text("utf-8"))

    assert bot.answers.items() <= recorded.items()


def test_every_file_is_whole_and_without_a_tag(template: Path, bot: Bot) -> None:
    bot_checks.require_whole_files(bot.path)
    bot_checks.require_no_tag(template, bot.path)


def test_nothing_of_what_was_not_chosen_is_left(bot: Bot) -> None:
    """But for what was typed, which may be in any language."""
    texts = list(_without_typed(bot))

    assert list(leftovers(texts, variant_of(bot.row))) == []
    assert list(leftovers_of_ci(texts, str(bot.row["ci"]))) == []


def test_imports_definitions_and_settings_are_used(bot: Bot) -> None:
    bot_checks.require_declared_imports_and_used_dependencies(bot.path)
    bot_checks.require_pinned_dependencies(bot.path)
    bot_checks.require_used_definitions(bot.path)
    bot_checks.require_settings_that_are_read_and_offered(bot.path)
    bot_checks.require_an_environment_file_for_docker_too(bot.path)


def test_its_docs_tell_what_it_has_and_nothing_else(bot: Bot) -> None:
    bot_docs.require_everything_told(bot.path)
    bot_docs.require_nothing_invented(bot.path)


def test_region_and_model_arrive_where_the_bot_reads_them(bot: Bot) -> None:
    recorded = yaml.safe_load((bot.path / ".copier-answers.yml").read_text("utf-8"))
    model, region = recorded["bedrock_model"], recorded["aws_region"]
    settings = (bot.path / "app/core/settings/core.py").read_text("utf-8")
    environment = (bot.path / ".env-template").read_text("utf-8").splitlines()

    assert f'DEFAULT_REGION = "{region}"\nDEFAULT_TABLE' in settings
    assert re.search(rf'^DEFAULT_MODEL_ID = (\(\n    )?"{re.escape(model)}"$', settings, re.M)
    assert {f"AWS_REGION={region}", f"BEDROCK_MODEL_ID_CHAT={model}"} <= set(environment)


@pytest.mark.parametrize("command", ["check --output-format=concise", "format --check"])
def test_style_is_that_of_the_bots_own_tools(bots: dict[str, Bot], command: str) -> None:
    root = next(iter(bots.values())).path.parent
    ruff = [sys.executable, "-m", "ruff", *command.split(), "--no-cache", "."]

    done = subprocess.run(ruff, cwd=root, capture_output=True, text=True)

    assert done.returncode == 0, done.stdout


def test_settings_with_a_models_id_of_any_length_are_formatted(
    template: Path, tmp_path: Path
) -> None:
    for length in (79, 80, 94, 95, 255):
        model = "anthropic.".ljust(length, "x")
        bot = render(template, tmp_path / str(length), {"bedrock_model": model})
        shutil.copy(bot / "app/core/settings/core.py", tmp_path / f"settings_{length}.py")
    ruff = [sys.executable, "-m", "ruff", "format", "--check", "--no-cache", "--config"]
    config, written = tmp_path / "79" / "pyproject.toml", tmp_path.glob("*.py")

    done = subprocess.run([*ruff, config, *written], capture_output=True, text=True)

    assert done.returncode == 0, done.stdout


def _without_typed(bot: Bot) -> Iterator[tuple[PurePosixPath, str]]:
    typed = [bot.answers[key] for key in ("description", "project_name", "author")]
    for path, text in bot_checks.texts(bot.path):
        for words in typed:
            text = text.replace(words, "")
        yield path, text
