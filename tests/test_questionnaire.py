"""The questions: what they derive, what they refuse and with which words."""

import re
import subprocess
import sys
import unicodedata
from pathlib import Path
from typing import Any

import pytest
import yaml

from questionnaire import QUESTIONNAIRE
from rendering import render
from variants import ROOT, choices

# A bad answer, and the words that tell what to type instead.
REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"project_name": "  "}, "at least one letter, for example: Meu Chatbot"),
    ({"project_name": "x" * 61}, "at most 60 characters"),
    ({"project_name": 'Bot "azul"'}, "without double quotes"),
    ({"project_name": "Bot\nazul"}, "line breaks"),
    ({"project_name": "{{ bot }}"}, "without double quotes, backslashes, line breaks"),
    ({"project_slug": "Meu-Bot"}, "lowercase letters, digits and single hyphens"),
    ({"project_slug": "9bot"}, "starting with a letter, for example: meu-chatbot"),
    ({"project_slug": "bot-"}, "single hyphens"),
    ({"project_slug": "bot--azul"}, "single hyphens"),
    ({"project_slug": "b"}, "2 to 48"),
    ({"project_slug": "b" * 49}, "2 to 48"),
    ({"project_slug": "bot\n"}, "2 to 48"),
    ({"project_slug": "fastapi"}, "type another one, for example: fastapi-bot"),
    ({"project_slug": "dependency-injector"}, "is the name of a package that the bot installs"),
    ({"project_slug": "con"}, "kept by Windows, or begins with aws or ssm"),
    ({"project_slug": "aws-ajuda"}, "type another one, for example: bot-aws-ajuda"),
    ({"description": "x" * 201}, "at most 200 characters"),
    ({"description": 'diz "oi"'}, "without double quotes"),
    ({"author": " "}, "1 to 100 characters"),
    ({"author": "x" * 101}, "1 to 100 characters"),
    ({"channels": []}, "Choose at least one channel, for example: [websocket, rest]"),
    ({"channels": ["telegram"]}, "telegram"),
    ({"language": "fr"}, "fr"),
    ({"graph_preset": "poetry"}, "poetry"),
    ({"deployment": "mainframe"}, "mainframe"),
    ({"ci": "jenkins"}, "jenkins"),
    ({"aws_region": "brazil"}, "for example: us-east-1 or sa-east-1"),
    ({"aws_region": "us-east-1\n"}, "for example: us-east-1 or sa-east-1"),
    ({"bedrock_model": "claude sonnet"}, "a Bedrock model id, inference profile or ARN"),
    ({"bedrock_model": "meta/llama"}, "a Bedrock model id, inference profile or ARN"),
    (
        {"bedrock_model": "arn:aws:bedrock"},
        "Type the whole ARN, for example: arn:aws:bedrock:us-east-1",
    ),
    (
        {"aws_region": "sa-east-1", "bedrock_model": "eu.amazon.nova-pro-v1:0"},
        'The profile prefix "eu." is not served in sa-east-1; type one that starts with',
    ),
    (
        {"aws_region": "eu-west-1", "bedrock_model": "us.amazon.nova-pro-v1:0"},
        "type one that starts with eu. or global.",
    ),
]

SLUGS = [
    ("Meu Chatbot", "meu-chatbot"),
    ("São João", "sao-joao"),
    ("Açaí & Cia.", "acai-cia"),
    ("ATENÇÃO", "atencao"),
    ("Ñandú", "nandu"),
    ("Übermut", "ubermut"),
    ("  Bot   azul  ", "bot-azul"),
    ("24 horas", "bot-24-horas"),
    ("X", "bot-x"),
    ("Atendimento_da_loja", "atendimento-da-loja"),
    ("PyTest", "pytest-bot"),
    ("Con", "bot-con"),
    ("AWS Ajuda", "bot-aws-ajuda"),
    ("Робот", "bot"),
    (
        "Um nome de projeto muito comprido para caber num rótulo",
        "um-nome-de-projeto-muito-comprido-para-c",
    ),
]


def recorded(bot: Path) -> dict[str, Any]:
    answers: dict[str, Any] = yaml.safe_load((bot / ".copier-answers.yml").read_text("utf-8"))
    return answers


def copier_copy(bot: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Copy as a person does, from the command line and without `--trust`."""
    command = [sys.executable, "-m", "copier", "copy", "--defaults", *arguments]
    return subprocess.run(
        [*command, "--vcs-ref", "HEAD", str(ROOT), str(bot)], capture_output=True, text=True
    )


@pytest.mark.parametrize(("answers", "words"), REFUSED, ids=[str(case[0])[:60] for case in REFUSED])
def test_a_bad_answer_is_told_what_to_type_and_writes_nothing(
    template: Path, tmp_path: Path, answers: dict[str, Any], words: str
) -> None:
    with pytest.raises(ValueError, match=re.escape(words)):
        render(template, tmp_path / "bot", answers)

    assert not (tmp_path / "bot").exists()


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("channels=[]", "Choose at least one channel"),
        ("project_slug=Meu Bot", "lowercase letters"),
        ("aws_region=brazil", "for example: us-east-1"),
    ],
)
def test_the_command_line_refuses_as_well(tmp_path: Path, answer: str, words: str) -> None:
    done = copier_copy(tmp_path / "bot", "--data", answer)

    assert done.returncode != 0
    assert words in done.stderr
    assert not (tmp_path / "bot").exists()


def test_the_command_line_copies_without_trust(tmp_path: Path) -> None:
    done = copier_copy(tmp_path / "bot", "--data", "channels=[whatsapp, rest]")

    assert done.returncode == 0, done.stderr
    assert recorded(tmp_path / "bot")["channels"] == ["rest", "whatsapp"]


def test_without_answers_the_defaults_are_recorded(template: Path, tmp_path: Path) -> None:
    answers = recorded(render(template, tmp_path / "bot"))

    assert {key: value for key, value in answers.items() if not key.startswith("_")} == {
        "project_name": "Meu Chatbot",
        "project_slug": "meu-chatbot",
        "language": "pt-BR",
        "description": "Um chatbot com AWS Bedrock.",
        "author": "Meu Chatbot",
        "channels": ["websocket", "rest"],
        "graph_preset": "basic",
        "deployment": "docker",
        "tracing": True,
        "aws_region": "us-east-1",
        "bedrock_model": "us.anthropic.claude-sonnet-5-5",
        "ci": "github",
    }


@pytest.mark.parametrize(("name", "slug"), SLUGS)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_the_slug_follows_from_the_name(
    template: Path, tmp_path: Path, name: str, slug: str, form: str
) -> None:
    typed = unicodedata.normalize(form, name)  # type: ignore[arg-type]

    assert (
        recorded(render(template, tmp_path / "bot", {"project_name": typed}))["project_slug"]
        == slug
    )


@pytest.mark.parametrize(
    ("region", "model"),
    [
        ("us-west-2", "us.anthropic.claude-sonnet-5-5"),
        ("eu-central-1", "eu.anthropic.claude-sonnet-5-5"),
        ("sa-east-1", "global.anthropic.claude-sonnet-5-5"),
        ("ap-northeast-1", "global.anthropic.claude-sonnet-5-5"),
    ],
)
def test_the_model_follows_from_the_region(
    template: Path, tmp_path: Path, region: str, model: str
) -> None:
    bot = render(template, tmp_path / "bot", {"aws_region": region})

    assert recorded(bot)["bedrock_model"] == model


@pytest.mark.parametrize(
    "model",
    [
        "us.amazon.nova-pro-v1:0",
        "anthropic.claude-3-haiku-20240307-v1:0",
        "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc123",
    ],
)
def test_any_model_of_the_region_is_taken(template: Path, tmp_path: Path, model: str) -> None:
    bot = render(template, tmp_path / "bot", {"bedrock_model": model})

    assert f"BEDROCK_MODEL_ID_CHAT={model}\n" in (bot / ".env-template").read_text("utf-8")


def test_values_are_stable_and_in_lower_case() -> None:
    for question in ("channels", "graph_preset", "deployment", "ci"):
        assert all(value == value.lower() for value in choices(question)), question


def test_every_question_helps_in_both_languages() -> None:
    for key, question in QUESTIONNAIRE.items():
        if not key.startswith("_") and question.get("when") is not False:
            assert "\n(" in question["help"] or " (" in question["help"], key
            assert question["help"].rstrip().endswith(")"), key
