"""Rendering a bot touches its folder and nothing else, and starts no program but git."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import copier
import plumbum
import pytest
from copier.errors import ForbiddenPathError

from questionnaire import QUESTIONNAIRE
from releases import NEW, OLD, Repository, copy
from rendering import render
from sources import sources
from variants import ROOT

# What Copier refuses to do unless one trusts a template, and where it reads what else it should do.
UNTRUSTED = {"_tasks", "_migrations", "_jinja_extensions", "_external_data"}

# What may lie in the folder that a person names by mistake.
IN_THE_WAY = ["README.md", ".env", "notes.txt", "app/main.py", ".copier-answers.yml"]
# With these the folder is empty for any purpose of an owner.
NOT_IN_THE_WAY = [".git/HEAD", ".git", ".DS_Store"]
MINE = "mine: true\n"
# A folder may be called so, if not on every system.
ODD_NAME = 'São João\'s {{ 7*7 }} {% raw %} $(touch made); "a" & b'


class Machine:
    """A home, a working directory and a folder for temporary files, all watched."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.bot = folder / "projects" / "bot"
        self.record = folder.with_name(f"{folder.name}-record")
        for name in ("home", "temporary", "work", "projects"):
            (folder / name).mkdir(parents=True)
            (folder / name / "mine.txt").write_text(MINE, "utf-8")

    def copier(self, *arguments: str | Path) -> "subprocess.CompletedProcess[str]":
        """Run Copier as a person does who is at no terminal; note what it starts and writes."""
        home, temporary = str(self.folder / "home"), str(self.folder / "temporary")
        own = {"HOME": home, "USERPROFILE": home, "PYTHONDONTWRITEBYTECODE": "1"}
        temporaries = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), temporary)
        others = {k: v for k, v in os.environ.items() if not k.startswith(("XDG_", "GIT_"))}
        return subprocess.run(
            [sys.executable, ROOT / "tests" / "audited_copier.py", self.record, *arguments],
            cwd=self.folder / "work",
            env=others | own | temporaries,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
        )

    def noted(self, what: str) -> set[str]:
        lines = map(json.loads, self.record.read_text("utf-8").splitlines())
        return {value for noted, value in lines if noted == what}

    def surroundings(self) -> dict[str, object]:
        return contents(self.folder, without=self.bot)


def contents(folder: Path, without: Path | None = None) -> dict[str, object]:
    """Return what is in a folder: the mode of everything, and the hashes or targets of files."""
    found: dict[str, object] = {}
    for path in sorted(folder.rglob("*")):
        if without and (path == without or without in path.parents):
            continue
        told: object = "folder"
        if path.is_symlink():
            told = os.readlink(path)
        elif path.is_file():
            told = hashlib.sha256(path.read_bytes()).hexdigest()
        found[path.relative_to(folder).as_posix()] = (path.lstat().st_mode, told)
    return found


def put(path: Path, text: str = MINE) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path / "machine")


def test_a_copy_writes_only_the_bot_and_starts_only_git(
    machine: Machine, releases: Repository
) -> None:
    before, template = machine.surroundings(), contents(releases.path)

    done = machine.copier("copy", "--defaults", releases.path, machine.bot)

    assert done.returncode == 0, done.stderr
    assert (machine.bot / "main.py").exists()
    _require_harmless(machine)
    assert machine.surroundings() == before
    assert contents(releases.path) == template


def test_an_update_writes_only_the_bot_and_starts_only_git(
    machine: Machine, releases: Repository
) -> None:
    copy(releases, machine.bot, OLD, {})
    before, template = machine.surroundings(), contents(releases.path)

    done = machine.copier("update", "--defaults", "--vcs-ref", NEW, machine.bot)

    assert done.returncode == 0, done.stderr
    assert f"_commit: {NEW}" in (machine.bot / ".copier-answers.yml").read_text("utf-8")
    _require_harmless(machine)
    assert machine.surroundings() == before
    assert contents(releases.path) == template


def _require_harmless(machine: Machine) -> None:
    own = (machine.bot, machine.folder / "temporary", Path(os.devnull))
    written = {path for path in machine.noted("written") if not _is_in(Path(path), own)}

    assert {name.lower() for name in machine.noted("started")} <= {"git", "git.exe"}
    assert machine.noted("connected") == set()
    assert machine.noted("written") != written == set()


def _is_in(path: Path, folders: tuple[Path, ...]) -> bool:
    return any(path == folder or folder in path.parents for folder in folders)


def test_nothing_in_the_template_asks_for_trust() -> None:
    assert not UNTRUSTED & QUESTIONNAIRE.keys()
    assert "!include" not in (ROOT / "copier.yml").read_text("utf-8")


def test_no_file_of_the_template_is_a_link(template: Path) -> None:
    for source in sources(template):
        assert not source.path.is_symlink(), source.path
    listed = subprocess.run(
        ["git", "ls-files", "--stage"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert not [line for line in listed.stdout.splitlines() if line.startswith("120000")]


@pytest.mark.parametrize("name", IN_THE_WAY)
def test_a_folder_with_files_is_refused_and_stays_as_it_is(
    template: Path, tmp_path: Path, name: str
) -> None:
    file = put(tmp_path / "bot" / name)

    with pytest.raises(ValueError, match=f"is not empty, it has {file.name}: name a new folder"):
        render(template, tmp_path / "bot")

    assert contents(tmp_path / "bot").keys() == {*_parents(name), name}
    assert file.read_text("utf-8") == MINE


def test_a_folder_whose_name_is_a_pattern_is_looked_into(template: Path, tmp_path: Path) -> None:
    put(tmp_path / "[b]o?t*" / "README.md")

    with pytest.raises(ValueError, match="is not empty"):
        render(template, tmp_path / "[b]o?t*")


def test_the_command_line_says_how_to_render_into_a_folder_with_files(
    machine: Machine, releases: Repository
) -> None:
    put(machine.bot / "README.md")
    before = contents(machine.folder)

    done = machine.copier("copy", "--defaults", releases.path, machine.bot)

    assert done.returncode != 0
    assert "it has README.md: name a new folder, or add --overwrite" in done.stderr
    assert contents(machine.folder) == before


@pytest.mark.parametrize("name", NOT_IN_THE_WAY)
def test_a_fresh_repository_is_an_empty_folder(template: Path, tmp_path: Path, name: str) -> None:
    file = put(tmp_path / "bot" / name)

    render(template, tmp_path / "bot")

    assert (tmp_path / "bot" / "main.py").exists()
    assert file.read_text("utf-8") == MINE


def test_who_says_overwrite_gets_the_bot_and_keeps_all_other_files(
    template: Path, machine: Machine
) -> None:
    readme, notes = put(machine.bot / "README.md"), put(machine.bot / "notes.txt")

    overwrite(template, machine.bot)

    assert readme.read_text("utf-8").startswith("# Meu Chatbot\n")
    assert notes.read_text("utf-8") == MINE


def test_a_link_is_replaced_and_not_followed(template: Path, machine: Machine) -> None:
    to_a_file, to_nothing = machine.bot / "README.md", machine.bot / "LICENSE"
    machine.bot.mkdir()
    to_a_file.symlink_to(machine.folder / "home" / "mine.txt")
    to_nothing.symlink_to(machine.folder / "home" / "nothing.txt")
    before = machine.surroundings()

    overwrite(template, machine.bot)

    assert not to_a_file.is_symlink()
    assert not to_nothing.is_symlink()
    assert machine.surroundings() == before


def test_a_copy_through_a_link_to_a_folder_is_refused(template: Path, machine: Machine) -> None:
    outside = machine.folder / "home" / "outside"
    outside.mkdir()
    machine.bot.mkdir()
    (machine.bot / "app").symlink_to(outside)
    before = machine.surroundings()

    with pytest.raises(ForbiddenPathError, match="app"):
        overwrite(template, machine.bot)

    assert machine.surroundings() == before


def test_an_update_writes_nothing_through_a_link_to_a_folder(
    machine: Machine, releases: Repository
) -> None:
    bot, outside = copy(releases, machine.bot, OLD, {}), machine.folder / "home" / "outside"
    (machine.bot / "app").rename(outside)
    (machine.bot / "app").symlink_to(outside)
    bot.commit()
    before = machine.surroundings()

    with pytest.raises(ForbiddenPathError, match="app"):
        copier.run_update(machine.bot, defaults=True, overwrite=True, quiet=True)

    assert machine.surroundings() == before


def test_the_folders_name_is_only_a_name(machine: Machine, releases: Repository) -> None:
    machine.bot = machine.bot.with_name(ODD_NAME)
    before = machine.surroundings()

    done = machine.copier("copy", "--defaults", releases.path, machine.bot)

    assert done.returncode == 0, done.stderr
    assert f'cd "{machine.bot}"' in done.stderr
    assert machine.surroundings() == before


def test_a_copy_without_answers_at_no_terminal_says_what_to_add(
    machine: Machine, releases: Repository
) -> None:
    before = contents(machine.folder)

    done = machine.copier("copy", releases.path, machine.bot)

    assert done.returncode != 0
    assert "Use `--defaults` and/or `--data`/`--data-file`" in done.stderr
    assert contents(machine.folder) == before


def overwrite(template: Path, bot: Path) -> None:
    """Render with `--overwrite`."""
    with plumbum.local.env(PATH=os.devnull):
        copier.run_copy(str(template), bot, defaults=True, overwrite=True, quiet=True)


def _parents(name: str) -> list[str]:
    return [parent.as_posix() for parent in Path(name).parents if parent.name]
