"""Renders bots from this checkout, uncommitted changes included."""

import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import copier
import jinja2
import plumbum
from copier._main import Worker

from variants import ROOT, Variant

_WORKERS = 2


def export(into: Path) -> Path:
    """Copy what git would commit to a plain folder: without a `.git`, copies are several times faster."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    for name in sorted(set(listed.stdout.decode().split("\0")) - {""}):
        source, target = ROOT / name, into / name
        if source.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
    return into


def render(template: Path, bot: Path, answers: Mapping[str, Any] | None = None) -> Path:
    """Render a bot in this process, as `copier copy --defaults` without `--trust` does."""
    # With git at hand Copier starts it once for every file it writes.
    with plumbum.local.env(PATH=os.devnull):
        copier.run_copy(str(template), bot, data=dict(answers or {}), defaults=True, quiet=True)
    return bot


def render_all(template: Path, forest: Path, variants: tuple[Variant, ...]) -> dict[Variant, Path]:
    """Render every variant into a folder of its own, which bears its id."""
    job = partial(_render_variant, template, forest)
    with ProcessPoolExecutor(_WORKERS, initializer=hasten_copier) as pool:
        return dict(zip(variants, pool.map(job, variants), strict=True))


def _render_variant(template: Path, forest: Path, variant: Variant) -> Path:
    return render(template, forest / variant.id, variant.answers)


def hasten_copier() -> None:
    """Have Copier, in this process, do once what it does for every file of every bot."""
    _compile_templates_once()
    _leave_plain_text_alone()


def _leave_plain_text_alone() -> None:
    """Render no text without a brace, such as most names of folders: it is its own rendering."""
    render_string = Worker._render_string
    answers_relpath: Callable[[Worker], Path] = vars(Worker)["answers_relpath"].fget

    def render_braces(
        self: Worker, string: str, extra_context: dict[str, Any] | None = None
    ) -> str:
        if isinstance(string, str) and "{" not in string:
            return string
        return render_string(self, string, extra_context)

    def plain_answers_relpath(self: Worker) -> Path:
        path = self.answers_file or self.template.answers_relpath
        return path if "{" not in str(path) else answers_relpath(self)

    Worker._render_string = render_braces  # type: ignore[method-assign]
    Worker.answers_relpath = property(plain_answers_relpath)  # type: ignore[method-assign, assignment]


def _compile_templates_once() -> None:
    """Compile each file and each path segment once in a process instead of once for each bot.

    Sound as long as all environments have the same options, which the one copier.yml gives them.
    """
    compile_source: Callable[..., Any] = jinja2.Environment.compile
    compiled: dict[tuple[object, ...], Any] = {}

    def compile_once(
        self: jinja2.Environment,
        source: Any,
        name: str | None = None,
        filename: str | None = None,
        raw: bool = False,
        defer_init: bool = False,
    ) -> Any:
        if raw or not isinstance(source, str) or "{% yield" in source:
            return compile_source(self, source, name, filename, raw, defer_init)
        key = (source, name, filename, defer_init)
        if key not in compiled:
            compiled[key] = compile_source(self, source, name, filename, raw, defer_init)
        return compiled[key]

    jinja2.Environment.compile = compile_once  # type: ignore[method-assign]
