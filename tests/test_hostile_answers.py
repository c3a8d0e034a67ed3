"""What a person types is refused with a sentence, or stands in the bot as typed and does nothing there."""

import re
import shutil
import subprocess
import sys
import tempfile
import unicodedata
from pathlib import Path, PurePosixPath
from typing import Any

import copier
import markupsafe
import pytest
import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import bot_checks
import cloudformation
from releases import NEW, OLD, Repository, copy
from rendering import render
from sources import sources
from variants import choices

Texts = dict[PurePosixPath, str]

# In these a person may type what they like; the others take a code of few characters.
FREE = ("project_name", "description", "author")
LENGTHS = {"project_name": 60, "description": 200, "author": 100}
# Words that stand in no file but for these answers.
PLAIN = {"project_name": "Qqname", "description": "Qqdescription", "author": "Qqauthor"}
NOT_IN_NAMES = set("#%")
NOT_IN_TEXT = set('"\\<>{}`$')
# Control characters, halves of a character, line separators; what turns the text after it; and what has no width.
UNSEEN = {"Cc", "Cs", "Zl", "Zp"}
TURNING = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
WITHOUT_WIDTH = set("\u200b\u2060\u2061\u2062\u2063\u2064\u2065\ufeff")
# And in these, each with those of the texts below that are one.
CODES: dict[str, set[str]] = {
    "project_slug": {"yes", "null"},
    "aws_region": set(),
    "bedrock_model": {"con", "yes", "null", "1e3", "0o7", "12:30:00", "2026-11-25"}
    | {"x" * 61, "x" * 101, "x" * 201},
}
ANSWERS = PurePosixPath(".copier-answers.yml")
README = PurePosixPath("README.md")

TEXTS = [
    # Brazilian names, also with the accents as characters of their own.
    "São João",
    "Atendimento à Clínica Ímã",
    "Padaria do Zé",
    unicodedata.normalize("NFD", "São João da Conceição"),
    "Lanchonete d'Ávila & Irmãos Ltda.",
    # Quotes, braces and backslashes.
    'the "best" bot',
    "it's 'ours'",
    "`whoami`",
    "{{ 7*7 }}",
    "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "{% raw %}",
    "{% include '/etc/passwd' %}",
    "{# nothing",
    "}}",
    "back\\slash",
    "ends with \\",
    "'''",
    '"""',
    # Line breaks, and what else nobody sees.
    "two\nlines",
    "two\rlines",
    "two\r\nlines",
    "a\ttab",
    "a\x00nul",
    "a\x1b[31mred",
    "a\x7fdelete",
    "a\x85line",
    "a\x9b31mred",
    "a\u2028line",
    "a\u2029paragraph",
    "a\u200bspace without width",
    "a\ufeffmark",
    "a\u202eright to left",
    "a\u2066isolate",
    "a byte: \udcff",
    # What joins letters and emoji, and marks of scripts from right to left.
    "🤖",
    "família 👨\u200d👩\u200d👧",
    "می\u200cخواهم",
    "\u200fשלום",
    "e\u0301\u0302\u0303\u0304",
    "日本語のボット",
    "\u00a0espaço\u00a0fixo\u00a0",
    # Paths.
    "../../x",
    "/etc/passwd",
    "C:\\x",
    "C:/x",
    "~root",
    "con",
    # YAML, TOML, environment files.
    "- a",
    "a: b",
    "a #b",
    "#a",
    "&a",
    "*a",
    "!!python/object:os.system",
    "!Sub x",
    "? a",
    "| a",
    "@a",
    "%TAG",
    "yes",
    "null",
    "~",
    "1e3",
    "0o7",
    "12:30:00",
    "2026-11-25",
    "<<",
    "---",
    "...",
    "a = 1",
    "[tool.x]",
    "a,b]",
    "a' }]",
    # Shells, Docker, CloudFormation.
    "$(touch made)",
    "${HOME}",
    "%PATH%",
    "; touch made",
    "&& touch made",
    "| tee made",
    "${AWS::Region}",
    "{{resolve:ssm:x}}",
    # Markdown and HTML.
    "<script>alert(1)</script>",
    "<!-- a",
    "a --> b",
    "[a](javascript:alert(1))",
    "![a](//example.com/a.png)",
    "[a]: //example.com",
    "*a* and **b**",
    "_a_ and __b__ but a_b",
    "~~a~~",
    "&lt;b&gt; &copy; &#38;",
    "1. a",
    "1) a",
    "+ a",
    "===",
    "a | b",
    "x' onload='alert(1)",
    # Size.
    " a ",
    "é" * 60,
    "x" * 61,
    "é" * 100,
    "x" * 101,
    "é" * 200,
    "x" * 201,
    "x" * 10_000,
]

CHARACTERS = st.characters() | st.sampled_from("'&[]()*_~|!-+=.:;,/@^? 1a")
BOT = {"channels": list(choices("channels")), "project_slug": "qq-bot"}


@pytest.fixture(scope="module")
def composed(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The template without the files that no answer can change, since they are copied as they are."""
    folder = tmp_path_factory.mktemp("composed")
    shutil.copy(template / "copier.yml", folder)
    shutil.copytree(template / "macros", folder / "macros")
    for source in sources(template):
        if source.has_jinja:
            target = folder / source.path.relative_to(template)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source.path, target)
    return folder


@pytest.fixture(scope="module")
def plain_bot(composed: Path, tmp_path_factory: pytest.TempPathFactory) -> Texts:
    """The bot of harmless answers."""
    return _texts(render(composed, tmp_path_factory.mktemp("plain") / "bot", BOT | PLAIN))


@pytest.mark.parametrize("question", FREE)
@pytest.mark.parametrize("text", TEXTS, ids=lambda text: ascii(text[:30]))
def test_a_text_is_refused_or_stands_in_the_bot_as_typed(
    composed: Path, plain_bot: Texts, tmp_path: Path, question: str, text: str
) -> None:
    _require_refused_or_as_typed(composed, plain_bot, tmp_path / "bot", question, text)


@settings(max_examples=50, deadline=None, derandomize=True, database=None)
@given(question=st.sampled_from(FREE), text=st.text(CHARACTERS, min_size=1, max_size=70))
def test_so_is_any_text(composed: Path, plain_bot: Texts, question: str, text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        _require_refused_or_as_typed(composed, plain_bot, Path(folder) / "bot", question, text)


@settings(max_examples=50, deadline=None, derandomize=True, database=None)
@given(name=st.text(CHARACTERS, min_size=1, max_size=60))
def test_any_name_that_is_good_leads_to_a_good_slug(composed: Path, name: str) -> None:
    assume(not _is_bad("project_name", name))
    with tempfile.TemporaryDirectory() as folder:
        bot = render(composed, Path(folder) / "bot", {"project_name": name})

        slug = yaml.safe_load((bot / ANSWERS).read_text("utf-8"))["project_slug"]
    assert re.fullmatch(r"[a-z](-?[a-z0-9]){1,47}", slug)


def _require_refused_or_as_typed(
    composed: Path, plain_bot: Texts, bot: Path, question: str, text: str
) -> None:
    answers = BOT | PLAIN | {question: text}
    if _is_bad(question, text):
        with pytest.raises(ValueError, match=rf"question '{question}': Type .*(character|letter)"):
            render(composed, bot, answers)
        assert not bot.exists()
        return

    rendered = _texts(render(composed, bot, answers))

    assert rendered.keys() == plain_bot.keys()
    for path, plain in plain_bot.items():
        if path == ANSWERS:
            recorded, others = yaml.safe_load(rendered[path]), yaml.safe_load(plain)
            assert recorded == others | {question: text}
        else:
            wanted = plain.replace(PLAIN[question], _put(path, text))
            assert _read(path, rendered[path]) == wanted, path
    bot_checks.require_whole_files(bot)


def _is_bad(question: str, text: str) -> bool:
    """Say whether a text must be refused, by what Unicode calls its characters."""
    forbidden = NOT_IN_TEXT | (NOT_IN_NAMES if question == "project_name" else set())
    is_unseen = any(
        unicodedata.category(character) in UNSEEN or unicodedata.bidirectional(character) in TURNING
        for character in text
    )
    is_blank = not text.strip() and question != "description"
    is_long = len(text) > LENGTHS[question]
    return is_unseen or is_blank or is_long or bool((forbidden | WITHOUT_WIDTH) & set(text))


def _put(path: PurePosixPath, text: str) -> str:
    """Return a text as a kind of file has it."""
    if path.suffix == ".html":
        return str(markupsafe.escape(text))
    return text.strip() if path == README else text


def _read(path: PurePosixPath, file: str) -> str:
    """Return a file, the README without the backslashes that tell a text from Markdown."""
    if path != README:
        return file
    lines = file.split("\n")
    return "\n".join([*(line.replace("\\", "") for line in lines[:3]), *lines[3:]])


def _texts(bot: Path) -> Texts:
    return dict(bot_checks.texts(bot))


MARKDOWN = [
    (
        "Padaria do Zé & Irmãos, d'Ávila (SP) – 24 horas!",
        "Padaria do Zé & Irmãos, d'Ávila (SP) – 24 horas!",
    ),
    ("loja_de_pneus", "loja_de_pneus"),
    ("*a* _b_ __c__ ~~d~~", r"\*a\* \_b\_ \_\_c\_\_ \~\~d\~\~"),
    ("[a](javascript:x) ![b](c)", r"\[a\](javascript:x) !\[b\](c)"),
    ("AT&T &copy; &#38;", r"AT&T \&copy; \&#38;"),
    ("- a - b", r"\- a - b"),
    ("+ a", r"\+ a"),
    ("---", r"\---"),
    ("=====", r"\====="),
    ("1. a", r"1\. a"),
    ("12) a", r"12\) a"),
    ("1.5 a", "1.5 a"),
    ("-5 graus", "-5 graus"),
    ("  a", "a"),
]


@pytest.mark.parametrize(("text", "markdown"), MARKDOWN)
def test_the_readme_shows_a_text_and_does_not_format_it(
    composed: Path, tmp_path: Path, text: str, markdown: str
) -> None:
    bot = render(composed, tmp_path / "bot", BOT | {"description": text})

    readme = (bot / README).read_text("utf-8").split("\n")
    assert readme[2] == markdown


@pytest.mark.parametrize("description", ["", "   "])
def test_without_a_description_there_is_no_gap(
    composed: Path, tmp_path: Path, description: str
) -> None:
    bot = _texts(render(composed, tmp_path / "bot", BOT | {"description": description}))

    assert re.match(r"# Meu Chatbot\n\n\S", bot[README])
    pages = [text for path, text in bot.items() if path.suffix == ".html"]
    assert not any(re.search(r"<p dir=\"auto\">\s*</p>", page) for page in pages)


@pytest.mark.parametrize("question", CODES)
@pytest.mark.parametrize("text", TEXTS, ids=lambda text: ascii(text[:30]))
def test_a_code_is_refused_or_recorded(
    composed: Path, tmp_path: Path, question: str, text: str
) -> None:
    if text in CODES[question]:
        bot = render(composed, tmp_path / "bot", BOT | {question: text})
        assert yaml.safe_load((bot / ANSWERS).read_text("utf-8"))[question] == text
        return

    with pytest.raises(ValueError, match=rf"question '{question}': .*[Tt]ype .*, for example: \S"):
        render(composed, tmp_path / "bot", BOT | {question: text})

    assert not (tmp_path / "bot").exists()


@pytest.mark.parametrize("deployment", ["ecs", "lambda"])
@pytest.mark.parametrize("model", ["1e3", "null", "0o7", "12:30:00", "a.b:", "2026-11-25", "yes"])
def test_a_models_id_is_a_text_in_the_stack(
    composed: Path, tmp_path: Path, deployment: str, model: str
) -> None:
    answers = {"deployment": deployment, "bedrock_model": model}

    bot = render(composed, tmp_path / "bot", answers)

    stack = cloudformation.load((bot / "cloudformation" / "stack.yaml").read_text("utf-8"))
    assert stack["Parameters"]["BedrockModelId"]["Default"] == model


@pytest.mark.parametrize(
    ("answers", "recorded"),
    [
        ({"project_name": 24}, {"project_name": "24", "project_slug": "bot-24"}),
        ({"project_name": True}, {"project_name": "True", "project_slug": "true"}),
        ({"author": 1e3}, {"author": "1000.0"}),
        ({"tracing": "no"}, {"tracing": False}),
    ],
)
def test_an_answer_of_another_type_is_taken_as_text(
    composed: Path, tmp_path: Path, answers: dict[str, Any], recorded: dict[str, Any]
) -> None:
    bot = render(composed, tmp_path / "bot", answers)

    there = yaml.safe_load((bot / ANSWERS).read_text("utf-8"))
    assert recorded.items() <= there.items()


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({"project_name": None}, 'Invalid answer "None"'),
        ({"project_name": {"a": 1}}, "Could not convert {'a': 1} to string"),
        ({"aws_region": ["us-east-1"]}, "Could not convert ['us-east-1'] to string"),
        ({"bedrock_model": 5}, "Type a Bedrock model id"),
        ({"project_slug": 5}, "Type 2 to 48"),
    ],
)
def test_an_answer_of_a_type_that_makes_no_sense_is_refused(
    composed: Path, tmp_path: Path, answers: dict[str, Any], words: str
) -> None:
    with pytest.raises((ValueError, TypeError), match=re.escape(words)):
        render(composed, tmp_path / "bot", answers)

    assert not (tmp_path / "bot").exists()


def test_an_update_keeps_the_answers(releases: Repository, tmp_path: Path) -> None:
    answers = {
        "project_name": "- Atendimento à 'Clínica' Ímã: [a](b) | *c*",
        "description": unicodedata.normalize("NFD", "São João & família 👨\u200d👩\u200d👧"),
        "author": "1e3",
    }
    bot = copy(releases, tmp_path / "bot", OLD, answers)

    copier.run_update(bot.path, defaults=True, overwrite=True, quiet=True)

    recorded = yaml.safe_load((bot.path / ANSWERS).read_text("utf-8"))
    assert recorded["_commit"] == NEW
    assert answers.items() <= recorded.items()
    assert bot.files() == copy(releases, tmp_path / "fresh", NEW, answers).files()


def test_the_command_line_runs_nothing_of_an_answer(composed: Path, tmp_path: Path) -> None:
    name = "d'Ávila; touch made & touch made | *"

    done = _copy(composed, tmp_path, f"project_name={name}")

    assert done.returncode == 0, done.stderr
    assert f"# {name[:-1]}\\*\n" in (tmp_path / "bot" / README).read_text("utf-8")
    assert f"Pronto: {name}." in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["bot"]


@pytest.mark.parametrize(
    "answer", ["project_name={{ 7*7 }}", "author=a\nb", "description=" + "x" * 10_000]
)
def test_the_command_line_refuses_and_writes_nothing(
    composed: Path, tmp_path: Path, answer: str
) -> None:
    done = _copy(composed, tmp_path, answer)

    assert done.returncode != 0
    assert re.search(r"Validation error for question '\w+': Type ", done.stderr)
    assert list(tmp_path.iterdir()) == []


def _copy(template: Path, folder: Path, answer: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "copier", "copy", "--defaults", "--data", answer]
    return subprocess.run(
        [*command, str(template), "bot"], cwd=folder, capture_output=True, encoding="utf-8"
    )
