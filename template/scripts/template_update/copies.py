"""What Copier does for an update, in this process and through its public functions."""

import importlib
import os
import re
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
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
    version = f"version {recorded.version} of the template"
    way_out = f"correct it in {ANSWERS} and commit"

    def copy(answers: Mapping[str, Any], **options: Any) -> None:
        copier.run_copy(
            recorded.source,
            folder,
            data=dict(answers),
            vcs_ref=recorded.version,
            defaults=True,
            quiet=True,
            **options,
        )

    with _one_sentence(recorded.values, copy, version, way_out):
        copy(recorded.values)
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

    def copy(some: Mapping[str, Any], **options: Any) -> None:
        with TemporaryDirectory() as folder:
            copier.run_copy(
                recorded.source,
                folder,
                dict(some),
                vcs_ref=ref,
                defaults=True,
                quiet=True,
                **options,
            )

    new = "the new version of the template" if ref is None else f"{ref} of the template"
    with _one_sentence(answers, copy, new, "give another: --data KEY=VALUE"):
        copier.run_update(
            bot.path,
            data=answers,
            vcs_ref=ref,
            defaults=True,
            overwrite=True,
            quiet=True,
            exclude=[_pattern(name) for name in bot.ignored() if "{" not in name],
        )


def _pattern(name: str) -> str:
    """Return the pattern of git that matches only this file or folder."""
    return "/" + re.sub(r"([\\*?\[\]!# ])", r"\\\1", name)


@contextmanager
def _one_sentence(
    answers: Mapping[str, Any], copy: Callable[..., None], accepting: str, way_out: str
) -> Iterator[None]:
    """Turn whatever Copier raises into one sentence; `copy` is asked which answer is refused."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except UpdateError:
        raise
    except Exception as error:
        reason = _reason(error)
        if (key := _refused(reason, answers, copy)) is None:
            raise UpdateError(f"Copier cannot go on: {reason}") from error
        detail = reason.partition(": ")[2] or reason
        raise UpdateError(
            f"The answer {key} is {shown(answers[key])}, which {accepting} does not accept"
            f" ({detail}); {way_out}."
        ) from error


def _reason(error: Exception) -> str:
    said = str(getattr(error, "stderr", "")).strip().splitlines()
    return said[-1] if said else " ".join(str(error).split()) or type(error).__name__


def _refused(reason: str, answers: Mapping[str, Any], copy: Callable[..., None]) -> str | None:
    """Return the key of the answer that Copier refuses, if that is its reason."""
    if named := _QUESTION.search(reason):
        return next((key for key in named.groups() if key in answers), None)
    if not reason.startswith("Invalid choice"):
        return None
    # Copier 9.15 does not name the question: each answer is tried alone, and nothing is written.
    for key, value in answers.items():
        try:
            copy({key: value}, pretend=True, exclude=["*"])
        except ValueError:
            return key
    return None


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
