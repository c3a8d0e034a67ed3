"""Writes the parts of docs/ that follow from the template: what each answer brings, graphs, conversations, costs.

python tools/docs_pages.py    needs BOT_PYTHON, a Python with the packages of the bots

A part stands between `<!-- begin: NAME -->` and `<!-- end: NAME -->`; all around it is written by hand.
"""

import os
import re
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))
sys.path.insert(0, str(ROOT))

import bot_surface
from questionnaire import QUESTIONNAIRE
from rendering import export, hasten_copier, render
from sources import sources
from tools.docs_words import WORDS, Words
from tools.transcripts import transcript
from variants import choices

DOCS = ROOT / "docs"
FOLDERS = {"pt-BR": DOCS, "en": DOCS / "en"}
ALL_CHANNELS = ["websocket", "rest", "whatsapp"]
# The assumptions of the comparison of costs: everything that a bot can have.
COMPARED = {"channels": ALL_CHANNELS, "tracing": True}

_LINK = re.compile(r"\]\((?!https?:)([\w./-]+\.md)(#[\w-]+)?\)")


@dataclass(frozen=True, slots=True)
class Part:
    """A generated part of a page."""

    page: Path
    name: str
    text: str

    def is_in_place(self) -> bool:
        return self._in(self.page.read_text("utf-8")) == self.page.read_text("utf-8")

    def write(self) -> None:
        """Put it into its page."""
        text = self._in(self.page.read_text("utf-8"))
        self.page.write_text(text, "utf-8", newline="\n")

    def _in(self, page: str) -> str:
        begin, end = f"<!-- begin: {self.name} -->\n", f"<!-- end: {self.name} -->"
        before, found, rest = page.partition(begin)
        _, found_end, after = rest.partition(end)
        assert found and found_end, f"{self.page} has no place for {self.name}"
        return f"{before}{begin}\n{self.text.strip()}\n\n{end}{after}"


class Bots:
    """Bots of any answers, each rendered once."""

    def __init__(self, template: Path, folder: Path) -> None:
        self.template = template
        self._folder = folder
        self._rendered: dict[str, Path] = {}

    def bot(self, **answers: Any) -> Path:
        """Return the folder of a bot with these answers, the others being the defaults."""
        key = repr(sorted(answers.items()))
        if key not in self._rendered:
            bot = self._folder / str(len(self._rendered))
            self._rendered[key] = render(self.template, bot, answers)
        return self._rendered[key]

    def surface(self, **answers: Any) -> "Surface":
        """Return what a bot with these answers has."""
        bot = self.bot(**answers)
        return Surface(
            frozenset(p.relative_to(bot).as_posix() for p in bot.rglob("*") if p.is_file()),
            frozenset(bot_surface.dependencies(bot)),
            frozenset(bot_surface.settings(bot)),
            frozenset(f"{method} {path}" for method, path in bot_surface.endpoints(bot)),
        )


@dataclass(frozen=True, slots=True)
class Surface:
    """What a bot has, or has more than another."""

    files: frozenset[str]
    dependencies: frozenset[str]
    settings: frozenset[str]
    endpoints: frozenset[str]

    def __sub__(self, other: "Surface") -> "Surface":
        return Surface(
            self.files - other.files,
            self.dependencies - other.dependencies,
            self.settings - other.settings,
            self.endpoints - other.endpoints,
        )

    def __and__(self, other: "Surface") -> "Surface":
        return Surface(
            self.files & other.files,
            self.dependencies & other.dependencies,
            self.settings & other.settings,
            self.endpoints & other.endpoints,
        )


def static_parts(bots: Bots) -> Iterator[Part]:
    """Yield what follows from the template's files alone."""
    for language, folder in FOLDERS.items():
        words = WORDS[language]
        page = folder / "questionnaire.md"
        for name, questions in (
            ("project", ("project_name", "project_slug", "language", "description", "author")),
            ("aws", ("aws_region", "bedrock_model")),
        ):
            yield Part(page, name, _questions(bots, words, questions))
        yield Part(page, "channels", _answers(words, "channels", _channels(bots, words)))
        yield Part(page, "graph_preset", _presets(bots, words))
        for question in ("deployment", "tracing", "ci"):
            brought = _brought(bots, question)
            yield Part(page, question, _answers(words, question, brought))
        yield Part(folder / "costs.md", "costs", _costs(bots, words))
        for target in ("ecs", "lambda"):
            diagram = _first_diagram(bots, target, language)
            yield Part(folder / "deploy" / f"{target}.md", "diagram", diagram)
        for preset in choices("graph_preset"):
            graph = _graph(bots, words, preset)
            yield Part(folder / "presets" / f"{preset}.md", "graph", graph)


def transcript_part(bots: Bots, preset: str, language: str, python: Path) -> Part:
    """Return the conversation of a preset, as the offline model holds it now."""
    bot = bots.bot(graph_preset=preset, language=language)
    text = transcript(bot, preset, WORDS[language], python)
    return Part(FOLDERS[language] / "presets" / f"{preset}.md", "transcript", text)


def _questions(bots: Bots, words: Words, questions: tuple[str, ...]) -> str:
    answers = _recorded(bots.bot(language=words.language))
    lines = [words.question_columns, "| --- | --- | --- |"]
    for question in questions:
        told = _told(QUESTIONNAIRE[question]["help"], words.language)
        options = "".join(f" `{value}`" for value in _options(question))
        lines.append(f"| `{question}` | `{answers[question]}` | {told}{options} |")
    return "\n".join(lines)


def _options(question: str) -> tuple[str, ...]:
    return choices(question) if "choices" in QUESTIONNAIRE[question] else ()


def _told(text: str, language: str) -> str:
    """Return the half of a help text in the language: Portuguese stands in the brackets at its end."""
    english, _, portuguese = " ".join(text.split()).removesuffix(")").rpartition(" (")
    return portuguese if language == "pt-BR" else english


def _recorded(bot: Path) -> dict[str, str]:
    lines = (bot / ".copier-answers.yml").read_text("utf-8").splitlines()
    pairs = (line.partition(": ") for line in lines if re.match(r"[a-z]\w*: ", line))
    return {key: value.strip("'\"") for key, _, value in pairs}


def _channels(bots: Bots, words: Words) -> dict[str, Surface]:
    everything = bots.surface(channels=ALL_CHANNELS)
    brought = {
        channel: everything
        - bots.surface(channels=[other for other in ALL_CHANNELS if other != channel])
        for channel in ALL_CHANNELS
    }
    web = everything - bots.surface(channels=["whatsapp"])
    return brought | {words.web: web - brought["websocket"] - brought["rest"]}


def _brought(bots: Bots, question: str) -> dict[str, Surface]:
    """Return what each answer brings that not all of them bring."""
    values = (True, False) if question == "tracing" else choices(question)
    by_answer = {
        value: bots.surface(channels=ALL_CHANNELS, **{question: value}) for value in values
    }
    first, *others = by_answer.values()
    common = first
    for other in others:
        common = common & other
    return {_yaml(value): surface - common for value, surface in by_answer.items()}


def _yaml(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _answers(words: Words, question: str, brought: dict[str, Surface]) -> str:
    lines = [
        _told(QUESTIONNAIRE[question]["help"], words.language),
        "",
        '<div class="wide" markdown>',
        "",
        words.answer_columns,
        "| --- | --: | --- | --- | --- |",
    ]
    default = _yaml(QUESTIONNAIRE[question]["default"])
    for answer, surface in brought.items():
        is_default = answer == default or answer in default.strip("[]").split(", ")
        named = answer if " " in answer else f"`{answer}`"
        cells = (
            named + (f" {words.default}" if is_default else ""),
            str(len(surface.files)),
            _listed(surface.dependencies),
            _listed(surface.settings),
            _listed(surface.endpoints),
        )
        lines.append(f"| {' | '.join(cells)} |")
    lines += ["", "</div>"]
    for answer, surface in brought.items():
        lines += _files(words.files_of.format(answer=answer), surface.files)
    return "\n".join(lines)


def _listed(names: frozenset[str]) -> str:
    return "<br>".join(f"`{name}`" for name in sorted(names)) or "–"


def _files(title: str, files: frozenset[str]) -> list[str]:
    if not files:
        return []
    summary = f"<summary>{title}</summary>"
    listing = "\n".join(sorted(files))
    return [
        *("", "<details markdown>", summary, ""),
        *("```text", listing, "```", ""),
        "</details>",
    ]


def _presets(bots: Bots, words: Words) -> str:
    lines = [
        _told(QUESTIONNAIRE["graph_preset"]["help"], words.language),
        "",
        words.preset_columns,
        "| --- | --: | --: | --: |",
    ]
    own = {preset: _own_files(bots.template, preset) for preset in choices("graph_preset")}
    for preset, files in own.items():
        bot = bots.bot(graph_preset=preset, language=words.language)
        cases = (
            len((bot / "evals" / "data" / f"{kind}.jsonl").read_text("utf-8").splitlines())
            for kind in ("utterances", "conversations")
        )
        is_default = preset == QUESTIONNAIRE["graph_preset"]["default"]
        named = f"[`{preset}`](presets/{preset}.md)" + (f" {words.default}" if is_default else "")
        lines.append(f"| {' | '.join((named, str(len(files)), *map(str, cases)))} |")
    for preset, files in own.items():
        lines += _files(words.files_of.format(answer=preset), files)
    return "\n".join(lines)


def _own_files(template: Path, preset: str) -> frozenset[str]:
    """Return the files of a bot that come from the preset's own folder."""
    condition = f"graph_preset == '{preset}'"
    return frozenset(
        s.destination.as_posix() for s in sources(template) if condition in s.conditions
    )


def _graph(bots: Bots, words: Words, preset: str) -> str:
    """Return the diagram, the steps and the situations of the preset's own docs/graph.md."""
    bot = bots.bot(graph_preset=preset, language=words.language)
    page = (bot / "docs" / "graph.md").read_text("utf-8")
    diagram = page.index("```mermaid")
    head, situations, *_ = page[diagram:].split("\n## ")
    text = f"## {words.diagram}\n\n{head.strip()}\n\n## {situations.strip()}"
    return _LINK.sub(lambda link: f"]({words.pages_of_bots[link[1]]})", text)


def _first_diagram(bots: Bots, target: str, language: str) -> str:
    """Return the picture of a deployment, from the page that a bot has about it."""
    bot = bots.bot(channels=ALL_CHANNELS, deployment=target, language=language)
    page = (bot / "docs" / "deployment.md").read_text("utf-8")
    return page[page.index("```mermaid") :].partition("\n```\n")[0] + "\n```"


def _costs(bots: Bots, words: Words) -> str:
    lines = [words.cost_columns, "| --- | --: | --: | --: | --: |"]
    for deployment in choices("deployment"):
        answers = COMPARED | {"deployment": deployment, "language": words.language}
        page = (bots.bot(**answers) / "docs" / "costs.md").read_text("utf-8")
        table = page[page.index("| | USD |") :].split("\n\n")[0].splitlines()[2:]
        amounts = " | ".join(line.rpartition("| ")[2].removesuffix(" |") for line in table)
        lines.append(f"| [`{deployment}`](deploy/{deployment}.md) | {amounts} |")
    return "\n".join(lines)


def main() -> None:
    python = os.environ.get("BOT_PYTHON")
    if not python:
        sys.exit("BOT_PYTHON is not set: run nox -s pages")
    hasten_copier()
    with tempfile.TemporaryDirectory() as folder:
        bots = Bots(export(Path(folder) / "template"), Path(folder) / "bots")
        parts = [
            *static_parts(bots),
            *(
                transcript_part(bots, preset, language, Path(python))
                for preset in choices("graph_preset")
                for language in FOLDERS
            ),
        ]
        for part in parts:
            part.write()


if __name__ == "__main__":
    main()
