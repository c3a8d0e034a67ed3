"""What Windows needs of a bot's files; tests/test_template_files.py has what holds for the template's paths.

Their length is asserted there: a bot's paths are its sources' without the folders that are conditions.
"""

import subprocess
from pathlib import Path, PureWindowsPath

import pytest

from expected_files import expected_files
from releases import Repository
from rendering import render
from sources import sources
from variants import VARIANTS, Variant, channel_sets, choices

# Git for Windows changes line ends unless a file says that it must not.
WINDOWS_GIT = ("git", "-c", "core.autocrlf=true", "-c", "core.eol=crlf")
IDENTITY = ("-c", "user.name=test", "-c", "user.email=test@localhost")
RESERVED = {"con", "prn", "aux", "nul"} | {f"{p}{n}" for p in ("com", "lpt") for n in range(1, 10)}

EVERYTHING = [
    Variant(next(reversed(list(channel_sets()))), preset, deployment, True, "pt-BR")
    for preset, deployment in zip(choices("graph_preset"), choices("deployment") * 2, strict=False)
]


def test_no_name_in_the_template_is_one_that_windows_keeps(template: Path) -> None:
    for source in sources(template):
        for part in source.path.relative_to(template).parts:
            assert part.split(".")[0].lower() not in RESERVED, source.path
            assert part == part.rstrip(". "), source.path


def test_in_no_bot_two_paths_differ_only_in_case(template: Path) -> None:
    for variant in VARIANTS:
        paths = expected_files(template, variant)
        folders = {parent.as_posix() for path in paths for parent in PureWindowsPath(path).parents}

        assert len({path.casefold() for path in paths | folders}) == len(paths | folders)


def test_who_has_windows_has_each_script_too(template: Path) -> None:
    for variant in VARIANTS:
        scripts = [PureWindowsPath(path) for path in expected_files(template, variant)]
        of_shell, of_powershell = (
            {script.with_suffix("") for script in scripts if script.suffix == suffix}
            for suffix in (".sh", ".ps1")
        )
        assert of_shell == of_powershell != set(), variant.id


def test_every_file_is_rendered_with_unix_line_ends(template: Path, tmp_path: Path) -> None:
    for number, variant in enumerate(EVERYTHING):
        bot = render(template, tmp_path / str(number), variant.answers)
        assert _with_carriage_returns(bot) == []


@pytest.mark.parametrize("of", ["template", "bot"])
def test_a_clone_on_windows_keeps_unix_line_ends(
    template: Path, releases: Repository, tmp_path: Path, of: str
) -> None:
    """As a shell script needs them in a container, and an update that compares texts."""
    original = releases.path if of == "template" else _committed(render(template, tmp_path / "bot"))

    subprocess.run([*WINDOWS_GIT, "clone", "--quiet", original, tmp_path / "clone"], check=True)

    rendered = "template" if of == "template" else "."
    assert (tmp_path / "clone" / rendered / "main.py").exists()
    assert _with_carriage_returns(tmp_path / "clone" / rendered) == []


def _committed(bot: Path) -> Path:
    for command in (["init"], ["add", "--all"], [*IDENTITY, "commit", "--message", "A bot"]):
        subprocess.run([*WINDOWS_GIT, *command], cwd=bot, capture_output=True, check=True)
    return bot


def _with_carriage_returns(folder: Path) -> list[Path]:
    files = [path for path in folder.rglob("*") if path.is_file() and ".git" not in path.parts]
    return [path for path in files if b"\r" in path.read_bytes()]
