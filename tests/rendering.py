"""Renders bots from this checkout, uncommitted changes included."""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from copy import deepcopy
from dataclasses import dataclass
from functools import cache, cached_property, partial
from pathlib import Path
from stat import S_IMODE
from typing import Any

import copier
import copier._template
import copier._vcs
import jinja2
import plumbum
import yaml
from copier._main import Worker
from copier._template import Template
from copier._user_data import Question
from copier._vcs import get_latest_tag

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


@cache
def hasten_copier() -> None:
    """Have Copier, in this process, do once what it does for every file of every bot.

    Called again it does nothing, so that a forked worker may have it from its parent.
    """
    _compile_templates_once()
    _leave_plain_text_alone()
    _read_questionnaires_once()
    _ask_for_file_modes_once()
    _read_yaml_in_c()
    _render_each_folder_name_once()


@cache
def hasten_updates() -> None:
    """Have Copier, in this process, check each release out once, and render a bot of it once.

    An update renders the same bot of the old release again and again, and one of the new release.
    The checkouts and repositories stay in the folder for temporary files, whose owner deletes it.
    """
    _know_repositories_again()
    _check_releases_out_once()
    _render_each_bot_once()
    _commit_each_rendering_once()


def _leave_plain_text_alone() -> None:
    """Render no text without a brace, such as most names of folders and choices: it is its own rendering."""
    render_string, render_value = Worker._render_string, Question.render_value
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

    def plain_value(self: Question, value: Any, extra_answers: dict[str, Any] | None = None) -> Any:
        if isinstance(value, str) and "{" not in value:
            return value
        return render_value(self, value, extra_answers)

    Question.render_value = plain_value  # type: ignore[method-assign]
    Worker._render_string = render_braces  # type: ignore[method-assign]
    Worker.answers_relpath = property(plain_answers_relpath)  # type: ignore[method-assign, assignment]


def _compile_templates_once() -> None:
    """Compile each file and each path segment once in a process instead of once for each bot.

    Sound as long as all environments have the same options, which the one copier.yml gives them.
    The name of the file is for messages only, and differs with every clone of the template.
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
        key = (source, name, defer_init)
        if key not in compiled:
            compiled[key] = compile_source(self, source, name, filename, raw, defer_init)
        return compiled[key]

    jinja2.Environment.compile = compile_once  # type: ignore[method-assign]


def _read_questionnaires_once() -> None:
    """Parse a `copier.yml` once in a process: an update reads it five times."""
    load = copier._template.load_template_config
    read: dict[bytes, dict[str, Any]] = {}

    def load_once(conf_path: Path, quiet: bool = False) -> dict[str, Any]:
        text = conf_path.read_bytes()
        if b"!include" in text:
            return load(conf_path, quiet)
        if text not in read:
            read[text] = load(conf_path, quiet)
        return deepcopy(read[text])

    copier._template.load_template_config = load_once


def _read_yaml_in_c() -> None:
    """Have `yaml.safe_load`, by which Copier also reads every answer, use libyaml where it is there."""
    yaml.SafeLoader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # type: ignore[misc]


def _ask_for_file_modes_once() -> None:
    """Ask git once for each bot, not for each of its files, whether it sees executable bits."""
    sync_executable_bit = Worker._sync_git_index_executable_bit

    def sync_where_git_is_blind(self: Worker, dst_relpath: Path, src_mode: int) -> None:
        if "sees_modes" not in vars(self):
            command = ["git", "config", "--type=bool", "--get", "core.fileMode"]
            bot = self.subproject.local_abspath
            asked = subprocess.run(command, cwd=bot, capture_output=True, text=True)
            vars(self)["sees_modes"] = asked.stdout.strip() != "false"
        if not vars(self)["sees_modes"]:
            sync_executable_bit(self, dst_relpath, src_mode)

    Worker._sync_git_index_executable_bit = sync_where_git_is_blind  # type: ignore[method-assign]


def _render_each_folder_name_once() -> None:
    """Render the name of a folder once for a bot, not once for each file in it."""
    render_template, render_string = Worker._render_template, Worker._render_string

    def render_with_memory(self: Worker) -> None:
        vars(self)["rendered_names"] = {}
        try:
            render_template(self)
        finally:
            del vars(self)["rendered_names"]

    def render_once(self: Worker, string: str, extra_context: dict[str, Any] | None = None) -> str:
        # Before all answers are known, the same text may still become another.
        rendered: dict[str, str] | None = vars(self).get("rendered_names")
        if rendered is None or extra_context:
            return render_string(self, string, extra_context)
        if string not in rendered:
            rendered[string] = render_string(self, string)
        return rendered[string]

    Worker._render_template = render_with_memory  # type: ignore[method-assign]
    Worker._render_string = render_once  # type: ignore[method-assign]


def _check_releases_out_once() -> None:
    """Share the checkouts of the releases' tags among all updates; nothing writes to them."""
    checkouts: dict[tuple[str, str], Template] = {}
    own_checkout = vars(Template)["local_abspath"].func

    def release(self: Template) -> Template | None:
        """Return what has the checkout of the same tag, if this is a tag of a repository."""
        if self.vcs != "git" or self.ref == "HEAD":
            return None
        ref = self.ref or get_latest_tag(self.url_expanded, self.use_prereleases)
        key = (self.url_expanded, ref)
        if key not in checkouts:
            checkouts[key] = Template(url=self.url, ref=ref)
            vars(checkouts[key])["local_abspath"] = own_checkout(checkouts[key])
        return checkouts[key]

    def shared(name: str) -> cached_property[Any]:
        own = vars(Template)[name].func

        def value(self: Template) -> Any:
            first = release(self)
            return own(self) if first is None or first is self else getattr(first, name)

        prop: cached_property[Any] = cached_property(value)
        prop.__set_name__(Template, name)
        return prop

    for name in ("local_abspath", "commit", "commit_hash", "version"):
        setattr(Template, name, shared(name))


def _know_repositories_again() -> None:
    """Ask git once, not for each use of an address, whether it is one of a repository."""
    find = copier._vcs.get_repo
    found: dict[str, str] = {}

    def find_once(url: str) -> str | None:
        if url not in found:
            address = find(url)
            # What is none may become one.
            if address is None:
                return None
            found[url] = address
        return found[url]

    copier._template.get_repo = find_once  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class _Rendering:
    """A rendered bot in memory: names of folders, and of files with their texts and modes."""

    folders: tuple[str, ...]
    files: tuple[tuple[str, bytes, int], ...]

    def write(self, bot: Path) -> None:
        """Write it; what is there already as it should be stays, for git to know it again."""
        for folder in ("", *self.folders):
            os.makedirs(f"{bot}/{folder}", exist_ok=True)
        for name, content, mode in self.files:
            path = f"{bot}/{name}"
            if _content(path) != content:
                with open(path, "wb", buffering=0) as file:
                    file.write(content)
            os.chmod(path, mode)


def _content(path: str) -> bytes | None:
    try:
        with open(path, "rb", buffering=0) as file:
            return file.read()
    except FileNotFoundError:
        return None


def _read_rendering(bot: Path) -> _Rendering:
    folders: list[str] = []
    files: list[tuple[str, bytes, int]] = []
    for folder, names_of_folders, names in os.walk(bot):
        below = os.path.relpath(folder, bot).replace(os.sep, "/")
        prefix = "" if below == "." else f"{below}/"
        folders += [f"{prefix}{name}" for name in names_of_folders]
        for name in names:
            path = f"{folder}/{name}"
            content = _content(path) or b""
            files.append((f"{prefix}{name}", _shared(content), S_IMODE(os.stat(path).st_mode)))
    return _Rendering(tuple(folders), tuple(sorted(files)))


@cache
def _shared(content: bytes) -> bytes:
    """Return the same object for the same content: most files are the same in many bots."""
    return content


def _render_each_bot_once() -> None:
    """Write a bot that was rendered before with the same release and answers from memory.

    Over the files of another one, too, as an update renders: it overwrites them all.
    """
    render_template = Worker._render_template
    rendered: dict[tuple[str, ...], _Rendering] = {}

    def render_or_write(self: Worker) -> None:
        bot = self.dst_path
        is_new = not bot.exists() or not any(bot.iterdir())
        is_all_written = is_new or (
            self.overwrite and not self.all_skip_if_exists and not _has_links(bot)
        )
        # What is no release may change.
        if not is_all_written or self.template.vcs != "git" or self.template.ref == "HEAD":
            render_template(self)
            return
        # The hidden ones are computed from these, or from the folder, which nothing rendered tells.
        answers = {
            question: answer
            for question, answer in self.answers.combined.items()
            if not question.startswith("_") and question not in self.answers.hidden
        }
        remembered = dict(self._answers_to_remember())
        # In any order: the record has them sorted. An update names the template's exclusions twice.
        key = (
            str(self.template.local_abspath),
            json.dumps((answers, remembered), sort_keys=True, default=str),
            str((list(dict.fromkeys(self.all_exclusions)), self.all_skip_if_exists)),
        )
        if key in rendered:
            rendered[key].write(bot)
            return
        render_template(self)
        if is_new:
            rendered[key] = _read_rendering(bot)

    Worker._render_template = render_or_write  # type: ignore[method-assign]


def _has_links(bot: Path) -> bool:
    """Tell whether there is a link in a bot: Copier replaces some and refuses others."""
    return any(
        os.path.islink(f"{folder}/{name}")
        for folder, folders, files in os.walk(bot)
        for name in (*folders, *files)
    )


def _commit_each_rendering_once() -> None:
    """Copy the repository that Copier makes of a rendering, if it has made one of the same files."""
    initialize = Worker._git_initialize_repo
    repositories: dict[_Rendering, Path] = {}

    def initialize_or_copy(self: Worker) -> None:
        folder = Path(str(plumbum.local.cwd))
        rendering = _read_rendering(folder)
        if rendering in repositories:
            shutil.copytree(repositories[rendering], folder / ".git")
            return
        initialize(self)
        pack(folder)
        kept = Path(tempfile.mkdtemp(prefix="repository."))
        repositories[rendering] = shutil.copytree(folder / ".git", kept, dirs_exist_ok=True)

    Worker._git_initialize_repo = initialize_or_copy  # type: ignore[method-assign]


def pack(repository: Path) -> None:
    """Put all that git keeps of a repository into one file: it is to be copied many times."""
    command = ["git", "-c", "pack.window=0", "repack", "-a", "-d", "--quiet"]
    subprocess.run(command, cwd=repository, check=True)
