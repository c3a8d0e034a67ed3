"""A bot's README and docs are the same in both languages, part by part."""

import re
from pathlib import Path

import pytest

import bot_docs
from rendering import render
from variants import channel_sets, choices

CODE = re.compile(r"^( *```\w*)\n.*?^ *```$", re.M | re.S)
CELL = re.compile(r"(?<!\\)\|")
# Each set of channels once, and with them each preset, each target, and tracing on and off.
BOTS = [
    {
        "channels": list(channels),
        "graph_preset": choices("graph_preset")[number % 5],
        "deployment": choices("deployment")[number % 3],
        "tracing": number % 2 == 0,
    }
    for number, channels in enumerate(channel_sets())
]


@pytest.mark.parametrize("answers", BOTS, ids=lambda answers: "+".join(answers["channels"]))
def test_both_languages_have_the_same_parts(
    template: Path, tmp_path: Path, answers: dict[str, object]
) -> None:
    shapes = [
        {
            path.as_posix(): shape(text)
            for path, text in bot_docs.documents(
                render(template, tmp_path / language, {**answers, "language": language})
            ).items()
        }
        for language in choices("language")
    ]

    assert shapes[0] == shapes[1]


def shape(text: str) -> list[str]:
    """Return depth of headings, columns of tables' rows, and languages of blocks of code, in their order."""
    found = re.findall(r"^(#+) |^(\|.*)$|^ *(```\w*)$", CODE.sub(r"\1", text), re.M)
    return [heading or code or str(len(CELL.findall(row))) for heading, row, code in found]
