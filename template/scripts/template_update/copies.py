"""What Copier does for an update, in this process and through its public functions."""

import importlib
import os
import re
import warnings
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from scripts.template_update.answers import ANSWERS, Recorded, read, same, shown
from scripts.template_update.repository import Repository, UpdateError

# Copier's git asks nobody for a password and gives up on a server that is silent for a minute.
_PATIENCE = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_HTTP_LOW_SPEED_LIMIT": "100",
    "GIT_HTTP_LOW_SPEED_TIME": "60",
    "GIT_SSH_COMMAND": "ssh -o BatchMode=yes -o ConnectTimeout=30",
}
for _name, _value in _PATIENCE.items():
    os.environ.setdefault(_name, _value)

# Only the session template_update has Copier, so the bot's own checks do not know it.
copier: Any = importlib.import_module("copier")
jinja2: Any = importlib.import_module("jinja2")

_QUESTION = re.compile(r"[Qq]uestion ['\"](\w+)['\"]|Invalid choice for ['\"](\w+)['\"]")


def render(recorded: Recorded, folder: Path) -> None:
    """Render the template as it was recorded, without any change of the owner's.

    Raises:
        UpdateError: the version does not accept an answer, or cannot be rendered.
    """
    way_out = f"correct it in {ANSWERS} and commit"

    def copy() -> None:
        copier.run_copy(
            recorded.source,
            folder,
            data=dict(recorded.values),
            vcs_ref=recorded.version,
            defaults=True,
            quiet=True,
        )

    version = f"version {recorded.version} of the template"
    _run(copy, recorded.values, version, way_out)
    taken = read((folder / ANSWERS).read_text("utf-8")).values
    for key, value in recorded.values.items():
        if key in taken and not same(value, taken[key]):
            raise UpdateError(
                f"The answer {key} is {shown(value)}, which {version} takes for"
                f" {shown(taken[key])}; {way_out}."
            )


def merge(bot: Repository, recorded: Recorded, extra: Mapping[str, str], ref: str | None) -> None:
    """Merge a release into the bot, with the recorded answers and those given now.

    Recorded answers are given, too: Copier replaces a recorded one that the release does not
    accept by the default without a word, but refuses one that is given, before it writes a file.

    Raises:
        UpdateError: the release does not accept an answer, or cannot be merged.
    """
    if ref is None and not recorded.is_release:
        ref = "HEAD"
    answers = {**recorded.values, **extra}

    def update() -> None:
        copier.run_update(
            bot.path,
            data=answers,
            vcs_ref=ref,
            defaults=True,
            overwrite=True,
            quiet=True,
            exclude=[_pattern(name) for name in bot.ignored() if "{" not in name],
        )

    new = "the new version of the template" if ref is None else f"{ref} of the template"
    _run(update, answers, new, "give another: --data KEY=VALUE")


def _pattern(name: str) -> str:
    """Return the pattern of git that matches only this file or folder."""
    return "/" + re.sub(r"([\\*?\[\]!# ])", r"\\\1", name)


def _run(
    action: Callable[[], None], answers: Mapping[str, Any], accepting: str, way_out: str
) -> None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            action()
    except Exception as error:
        raise UpdateError(_sentence(error, answers, accepting, way_out)) from error


def _sentence(error: Exception, answers: Mapping[str, Any], accepting: str, way_out: str) -> str:
    reason = " ".join(str(error).split()) or type(error).__name__
    refused = _QUESTION.search(reason)
    key = refused and (refused[1] or refused[2])
    if not key or key not in answers:
        stderr = str(getattr(error, "stderr", "")).strip().splitlines()
        return f"Copier cannot go on: {stderr[-1] if stderr else reason}"
    detail = reason.partition(": ")[2]
    return f"The answer {key} is {shown(answers[key])}, which {accepting} does not accept ({detail}); {way_out}."


@cache
def compile_once() -> None:
    """Have Jinja compile each text once in this process: an update renders the template four times.

    The lexer stands for the environment's options, by which Jinja itself shares it.
    """
    original: Callable[..., Any] = jinja2.Environment.compile
    compiled: dict[tuple[object, ...], Any] = {}

    def compile_or_recall(
        self: Any,
        source: Any,
        name: str | None = None,
        filename: str | None = None,
        raw: bool = False,
        defer_init: bool = False,
    ) -> Any:
        # Not the file's name: each rendering has its own temporary copy of the template.
        key = (source, name, defer_init, self.lexer, *sorted(self.extensions))
        # Copier's tag `yield` leaves something in the environment when it is compiled.
        if raw or not isinstance(source, str) or "{% yield" in source:
            return original(self, source, name, filename, raw, defer_init)
        if key not in compiled:
            compiled[key] = original(self, source, name, filename, raw, defer_init)
        return compiled[key]

    jinja2.Environment.compile = compile_or_recall


def files(folder: Path) -> Iterable[str]:
    """Return the names of all files below a folder, sorted, as git writes them."""
    found = (path for path in folder.rglob("*") if path.is_file())
    return sorted(path.relative_to(folder).as_posix() for path in found)
